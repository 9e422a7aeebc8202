using System.Collections.Immutable;
using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A loop nest in which pointers step, ready to be printed: extents and steps are arguments of the kernel, so that kernels of the same
/// depth are shared. Axes along which all pointers follow on without a gap are one loop.
/// </summary>
internal sealed class StepLoops
{
    private readonly string prefix;
    private readonly ImmutableArray<string> pointers;
    private readonly LoopNest nest;
    private readonly StepLoops? around;

    private StepLoops(string prefix, ImmutableArray<string> pointers, LoopNest nest, StepLoops? around) =>
        (this.prefix, this.pointers, this.nest, this.around) = (prefix, pointers, nest, around);

    /// <summary>The loops over these sizes.</summary>
    /// <param name="prefix">What the names of extents and steps begin with.</param>
    /// <param name="dims">Sizes, outermost first.</param>
    /// <param name="pointers">Names of pointers, with their steps along the axes, in elements.</param>
    /// <param name="around">Loops in which these stand, over the same pointers and perhaps others; null for none.</param>
    public static StepLoops Over(string prefix, ReadOnlySpan<long> dims, IReadOnlyList<(string Name, long[] Steps)> pointers,
        StepLoops? around = null)
    {
        var merged = LoopNest.Merge(dims.ToArray(), [.. pointers.Select(p => p.Steps)]);
        if (merged.Extents is [1]) merged = new LoopNest([], [.. pointers.Select(_ => Array.Empty<long>())]);
        return new StepLoops(prefix, [.. pointers.Select(p => p.Name)], merged, around);
    }

    /// <summary>Number of loops.</summary>
    public int Depth => nest.Rank;

    /// <summary>The declarations of extents and steps, each with a comma before it.</summary>
    public string Parameters => string.Concat(Enumerable.Range(0, Depth).Select(axis => $", nint {Extent(axis)}"
        + string.Concat(pointers.Select(p => $", nint {Step(p, axis)}"))));

    /// <summary>Extents and steps, in the order of <see cref="Parameters"/>.</summary>
    public IEnumerable<KernelArgument> Arguments => Enumerable.Range(0, Depth).SelectMany(axis =>
        Enumerable.Range(0, pointers.Length).Select(i => nest.Strides[i][axis]).Prepend(nest.Extents[axis]))
            .Select(n => new NumberArgument(n));

    /// <summary>
    /// The call with the outermost of these loops as what threads share; as it is where they have none, or where iterations write the same
    /// place.
    /// </summary>
    /// <param name="plan">The call.</param>
    /// <param name="first">The argument that is the first of <see cref="Arguments"/>.</param>
    /// <param name="moved">Every pointer that steps in the loops: its name, argument, and how many elements of which type it is to.</param>
    public KernelPlan Share(KernelPlan plan, int first, params ReadOnlySpan<(string Name, int Argument, DType DType, long Elements)> moved)
    {
        if (Depth == 0) return plan;
        if (moved.Length != pointers.Length) throw new InvalidOperationException($"{plan.Kernel} steps {pointers.Length} pointers");
        var arguments = plan.Arguments.ToBuilder();
        foreach (var (name, argument, dtype, elements) in moved)
        {
            long step = nest.Strides[pointers.IndexOf(name)][0];
            bool isOwn = step * nest.Extents[0] == elements;
            if (arguments[argument] is ResultArgument && step == 0) return plan;
            arguments[argument] = arguments[argument] with { PieceBytes = step * dtype.Bytes(1), IsShared = step != 0 && !isOwn };
        }
        arguments[first] = arguments[first] with { IsPieceCount = true };
        return plan with { Arguments = arguments.ToImmutable(), Split = new KernelSplit(nest.Extents[0]) };
    }

    /// <summary>The name that a pointer has inside of the loops.</summary>
    public string Inside(string pointer) => Depth == 0 || !pointers.Contains(pointer) ? Outside(pointer) : At(pointer, Depth - 1);

    /// <summary>Prints the loops around what <paramref name="inside"/> prints.</summary>
    public void Print(CodeWriter code, Action inside) => Print(code, 0, inside);

    private void Print(CodeWriter code, int axis, Action inside)
    {
        if (axis == Depth)
        {
            inside();
            return;
        }
        string index = $"i{prefix}{axis}";
        code.Block($"for (nint {index} = 0; {index} < {Extent(axis)}; {index}++)", () =>
        {
            foreach (string pointer in pointers)
                code.Line($"var {At(pointer, axis)} = {(axis == 0 ? Outside(pointer) : At(pointer, axis - 1))} + {index} * "
                    + $"{Step(pointer, axis)};");
            Print(code, axis + 1, inside);
        });
    }

    private string Outside(string pointer) => around is null ? pointer : around.Inside(pointer);

    private string Extent(int axis) => $"{prefix}{axis}";

    private string Step(string pointer, int axis) => $"{prefix}{axis}{pointer}";

    private string At(string pointer, int axis) => $"{pointer}_{prefix}{axis}";
}
