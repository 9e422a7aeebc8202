namespace Nncc.Passes;

/// <summary>The orders in which passes run: literal lists, with a reason wherever the place of a pass matters.</summary>
public static class Pipelines
{
    /// <summary>From a graph as read to the canonical one, from which portable ONNX is written and all lowering starts.</summary>
    public static Pipeline Canonicalize() => new("canonicalize");
}
