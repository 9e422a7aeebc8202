using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Gives inputs the shapes of <see cref="CompileOptions.Shapes"/> and symbols the sizes of <see cref="CompileOptions.Dims"/>, everywhere
/// they occur, bodies included, and infers all types anew. A size that an input's type writes as an expression of one symbol is
/// solved for it.
/// </summary>
public sealed class Specialization : IPass
{
    private const string StepName = "bind-sizes";

    /// <inheritdoc/>
    public string Name => "specialization";

    /// <inheritdoc/>
    public string Summary =>
        "Binds the shapes and sizes that the user gave. Needs options that fit the inputs; never makes a type less exact.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var options = context.Options;
        if (options.Shapes.IsEmpty && options.Dims.IsEmpty) return graph;
        var binding = new SizeBinding(graph);
        foreach (var (name, size) in options.Dims) binding.BindSymbol(name, size);
        foreach (var (name, shape) in options.Shapes) binding.BindInput(name, shape);
        if (binding.Faults.Count > 0) throw new NnccException([.. binding.Faults]);
        return Apply(graph, binding.Sizes, binding.InputTypes, context);
    }

    private static Graph Apply(Graph graph, IReadOnlyDictionary<string, Dim> sizes, IReadOnlyDictionary<int, IrType> types,
        PassContext context)
    {
        graph = context.InBodies(graph, (body, inner) => Apply(body, sizes, ImmutableDictionary<int, IrType>.Empty, inner));
        var edit = new GraphEdit(graph);
        var faults = ImmutableArray<Fault>.Empty;
        context.Step(edit, StepName, () =>
        {
            edit.Substitute(sizes);
            faults = edit.RefineInputs(
                [.. edit.Inputs.Select(input => types.GetValueOrDefault(input.Value, edit[input.Value].Type))]);
            if (edit.IsChanged) faults = faults.AddRange(edit.ReinferAll());
        });
        return faults.IsEmpty ? edit.Freeze() : throw new NnccException([.. faults.Distinct().Select(f => f with
        {
            Advice = f.Advice ?? "the model does not take these sizes: change --shape or --dim",
        })]);
    }
}
