using Nncc.IR;
using Nncc.Passes.Transforms;

namespace Nncc.Passes;

/// <summary>The orders in which passes run: literal lists, with a reason wherever the place of a pass matters.</summary>
public static class Pipelines
{
    /// <summary>From a graph as read to the canonical one, from which portable ONNX is written and all lowering starts.</summary>
    public static Pipeline Canonicalize() => new("canonicalize",
    [
        // First: all that follows is more exact where sizes are numbers.
        new Specialization(),
        // Before folding: sizes that are known in bodies fold there.
        new ShapeInference(),
        new ConstantFolding(),
        // A branch that gave way says more of what comes after it, so that bodies behind it know more and fold further.
        new Again(new ShapeInference()),
        new Again(new ConstantFolding()),
        // After folding: what was computed may be equal to another constant.
        new CommonSubexpressionElimination(),
        // Last: folding and merging leave constants and branches that nobody reads.
        new DeadCodeElimination(),
        new StageEntry(Stage.Canonical),
    ]);
}
