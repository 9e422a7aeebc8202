using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Computes what does not depend on inputs: nodes whose operands are constants, and integers that are known from shapes. Results
/// are those of the evaluator under the declared policy, the same bits on every machine. An If whose condition is constant gives way
/// to its branch.
/// </summary>
/// <remarks>
/// A result may not be larger than the operands that go with the node, or than <see cref="CompileOptions.FoldLimit"/>; a constant
/// that others use too does not go. What is refused for its size is told to the user. Random and unknown ops, ops with bodies, and
/// data for which an op has no result stay as they are.
/// </remarks>
public sealed class ConstantFolding : IPass
{
    private const string StepName = "fold", SizesStep = "known-sizes";

    // Multiply-accumulates and other operations of one fold: some ten seconds of the evaluator.
    private const long WorkLimit = 5_000_000_000;

    /// <inheritdoc/>
    public string Name => "constant-folding";

    /// <inheritdoc/>
    public string Summary => "Replaces what constants and shapes determine by constants, within a growth budget. Never folds random ops.";

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context)
    {
        var edit = new GraphEdit(graph);
        var pending = new Stack<int>(graph.Nodes.Reverse().Select(n => n.Id));
        while (pending.TryPop(out int id))
        {
            var node = edit.Find(id)!;
            if (node.Op is Constant or Opaque) continue;
            if (node.Op is If && edit.Constant(node.Inputs[0]) is { Count: 1 } condition)
            {
                foreach (var inlined in Inline(edit, node, condition, context).Reverse()) pending.Push(inlined.Id);
                continue;
            }
            node = context.InBodies(edit, node, Run);
            if (!FoldSizes(edit, node, context) && AreConstant(node.Inputs, edit)) Fold(edit, node, context);
        }
        return edit.Freeze();
    }

    private static bool AreConstant(ImmutableArray<int> operands, GraphEdit edit)
    {
        foreach (int operand in operands)
            if (operand != Node.Absent && edit.Constant(operand) is null) return false;
        return true;
    }

    // The new nodes, in order; none where the step is left out.
    private ImmutableArray<Node> Inline(GraphEdit edit, Node node, Tensor condition, PassContext context)
    {
        ImmutableArray<Node> inserted = [];
        context.Step(edit, "constant-condition", () =>
        {
            var branch = ((If)node.Op).Branch(condition);
            var results = edit.Splice(branch, node.Inputs.AsSpan()[1..], node, Name, out inserted);
            var made = inserted.SelectMany(n => n.GivenOutputs).ToHashSet();
            string?[] names = [.. node.Outputs.Select(o => o == Node.Absent ? null : edit[o].Name)];
            for (int i = 0; i < results.Length; i++)
                if (node.Outputs[i] != Node.Absent) edit.ReplaceValue(node.Outputs[i], results[i]);
            edit.Erase(node);
            for (int i = 0; i < results.Length; i++)
                if (names[i] is { } name && made.Remove(results[i])) edit.Rename(results[i], name);
        });
        return inserted;
    }

    // Sizes need no operand to be constant: the shape of an input of known shape, and what is computed from it.
    private bool FoldSizes(GraphEdit edit, Node node, PassContext context)
    {
        List<(int Value, Tensor Content)>? known = null;
        foreach (int output in node.GivenOutputs)
        {
            var value = edit[output];
            if (value.Known is not { } sizes || !edit.IsUsed(output) || !sizes.All(size => size.IsConstant)) continue;
            if (value.Type is not TensorType { DType: var dtype and (DType.Int64 or DType.Int32), Shape: { IsStatic: true } shape })
                continue;
            long[] items = [.. sizes.Select(size => size.Value!.Value)];
            if (shape.Count.Value != items.Length || (dtype == DType.Int32 && items.Any(item => item != (int)item))) continue;
            (known ??= []).Add((output, Tensor.FromLongs(dtype, shape.ToStatic(), items)));
        }
        return known is not null && ReplaceSizes(edit, node, known, context);
    }

    private bool ReplaceSizes(GraphEdit edit, Node node, List<(int, Tensor)> known, PassContext context) =>
        context.Step(edit, SizesStep, () => Replace(edit, node, known));

    private void Fold(GraphEdit edit, Node node, PassContext context)
    {
        if (!node.Op.Bodies.IsEmpty || !Repeatability.IsRepeatable(node.Op) || !edit.IsUsed(node)) return;
        if (node.Op.Domain.Length == 0 && context.Options.Unfolded.Contains(node.Op.Name))
        {
            context.Refuse(StepName, node, () => "the runtime that the model is written for wants to find it");
            return;
        }
        long freed = Freed(edit, node);
        long needed = node.GivenOutputs.Where(edit.IsUsed).Aggregate(0L, (sum, o) => Saturated(sum, Bytes(edit[o].Type) ?? 0));
        if (IsTooLarge(needed, freed, node, context)) return;
        if (TooMuchWork(edit, node) is { } work)
        {
            context.Refuse(StepName, node, () => $"it takes {work} operations, more than {WorkLimit}");
            context.Notice($"is not computed ahead: it takes {work} operations", node.Place);
            return;
        }
        var results = Evaluate(edit, node, context);
        if (results.IsDefault) return;
        var folded = new List<(int, Tensor)>();
        for (int i = 0; i < node.Outputs.Length; i++)
        {
            if (node.Outputs[i] == Node.Absent || !edit.IsUsed(node.Outputs[i])) continue;
            if (results[i] is not Tensor tensor)
            {
                context.Refuse(StepName, node, () => $"result {i} is {results[i].Type}, and constants are tensors");
                return;
            }
            folded.Add((node.Outputs[i], tensor));
        }
        if (IsTooLarge(folded.Sum(f => Bytes(f.Item2.Type)!.Value), freed, node, context)) return;
        context.Step(edit, StepName, () => Replace(edit, node, folded));
    }

    private static bool IsTooLarge(long needed, long freed, Node node, PassContext context)
    {
        if (needed <= freed || needed <= context.Options.FoldLimit) return false;
        context.Refuse(StepName, node, () =>
            $"its results take {needed} bytes, {freed} would be saved, and the limit is {context.Options.FoldLimit}");
        context.Notice($"is not computed ahead: the result takes {needed} bytes in place of {freed}", node.Place,
            $"--fold-budget {needed} allows it");
        return true;
    }

    // Data that the op has no result for may never be met when the model runs: the node stays, and running it says what is wrong.
    private static ImmutableArray<Datum> Evaluate(GraphEdit edit, Node node, PassContext context)
    {
        try
        {
            return new Evaluator(cancellation: context.Cancellation).Apply(node, [.. node.Inputs.Select(i => (Datum?)edit.Constant(i))],
                [.. node.Outputs.Select(o => o == Node.Absent ? IrType.Unknown : edit[o].Type)]);
        }
        catch (NnccException e)
        {
            context.Refuse(StepName, node, () => e.Message);
            return default;
        }
    }

    private void Replace(GraphEdit edit, Node node, List<(int Value, Tensor Content)> contents)
    {
        var origin = Provenance.Merge([node.Origin, .. node.GivenInputs.Select(i => edit.Producer(i)?.Origin ?? Provenance.None)], Name);
        var names = contents.Select(c => edit[c.Value].Name).ToArray();
        var constants = contents.Select(c => edit.AddConstant(c.Content, edit[c.Value].Name, origin, node)).ToArray();
        for (int i = 0; i < constants.Length; i++) edit.ReplaceValue(contents[i].Value, constants[i]);
        if (edit.IsUsed(node)) return;
        edit.Erase(node);
        for (int i = 0; i < constants.Length; i++) edit.Rename(constants[i], names[i]);
    }

    // Constants that only this node uses.
    private static long Freed(GraphEdit edit, Node node) => node.GivenInputs.Distinct()
        .Where(i => !edit.IsOutput(i) && edit.UseCount(i) == node.Inputs.Count(k => k == i)).Sum(i => Bytes(edit[i].Type) ?? 0);

    // At most; null where nothing is known before. Strings are counted as 32 bytes.
    private static long? Bytes(IrType type)
    {
        if (type is not TensorType { Shape: { } shape, DType: var dtype }) return null;
        if (shape.Any(size => size.Value == 0)) return 0;
        Int128 bits = dtype == DType.String ? 256 : dtype.Bits();
        foreach (var size in shape)
        {
            if (!size.IsConstant && size.Bounds.Max == long.MaxValue) return null;
            bits = Int128.Min(bits * size.Bounds.Max, long.MaxValue);
        }
        return (long)((bits + 7) / 8);
    }

    private static long Saturated(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;

    private static Dim? TooMuchWork(GraphEdit edit, Node node)
    {
        var work = node.Op.Measure(new MeasureContext([.. node.Inputs.Select(i => i == Node.Absent ? null : edit[i].Type)],
            [.. node.GivenOutputs.Select(o => edit[o].Type)]));
        var operations = work.Macs + work.Arithmetic;
        return operations.Value > WorkLimit ? operations : null;
    }
}
