using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Passes.Transforms;

/// <summary>
/// Infers all types anew and meets them with those that are there; pushes the types of operands into bodies of If, Loop and
/// Scan. For a value that a loop carries a part of a type holds inside if it holds at the first iteration and, under that
/// assumption, after each.
/// </summary>
public sealed class ShapeInference : IPass
{
    private const string StepName = "infer-types";

    /// <inheritdoc/>
    public string Name => "shape-inference";

    /// <inheritdoc/>
    public string Summary => "Makes the type of each value as exact as its operands allow, in bodies too. Never removes or adds a node.";

    // Bodies of bodies are inferred anew at each try of the outer one.
    private const int TryDepth = 2, Tries = 3;

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context) => Run(graph, context, isTrial: false);

    private static Graph Run(Graph graph, PassContext context, bool isTrial)
    {
        var edit = new GraphEdit(graph);
        var faults = ImmutableArray.CreateBuilder<Fault>();
        context.Step(edit, StepName, () => faults.AddRange(edit.ReinferAll()));
        foreach (var original in graph.Nodes)
        {
            var node = edit.Find(original.Id)!;
            if (node.Op.Bodies.IsEmpty || node.Op is IR.Ops.Opaque) continue;
            try
            {
                InferBodies(edit, node, context, isTrial);
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults.Select(f => f.Place is null ? f with { Place = node.Place } : f));
            }
        }
        return faults.Count == 0 ? edit.Freeze() : throw new NnccException([.. faults.Distinct()]);
    }

    private static void InferBodies(GraphEdit edit, Node node, PassContext context, bool isTrial)
    {
        var inner = context.Inside(node);
        ImmutableArray<IrType?> operands = [.. node.Inputs.Select(i => i == Node.Absent ? null : edit[i].Type)];
        var bodies = node.Op.Bodies;
        for (int i = 0; i < bodies.Length; i++)
            bodies = bodies.SetItem(i, InferBody(bodies[i], node.Op.BodyInputs(i, operands), inner, isTrial));
        if (bodies.Zip(node.Op.Bodies).All(pair => ReferenceEquals(pair.First, pair.Second))) return;
        edit.Change(node, node.Op.WithBodies(bodies), node.Inputs.AsSpan());
    }

    private static Graph InferBody(Graph body, ImmutableArray<BodyInput> given, PassContext context, bool isTrial)
    {
        ImmutableArray<IrType> incoming = [.. given.Where(g => g.Type is not null).Select(g => g.Type!)];
        ImmutableArray<IrType> declared =
            [.. body.Inputs.Select((input, i) => FreshSymbols.Declared(body[input.Value].Type, body, incoming, i))];
        ImmutableArray<IrType> outside = [.. given.Select((g, i) => g.Type is null ? declared[i] : Meet(g.Type, declared[i], body, i))];
        var types = given.Any(g => g.Feedback >= 0) ? Settle(body, given, declared, outside, incoming, context) : outside;
        return Refine(body, types, context, isTrial);
    }

    // Tries the types of the first iteration, takes back what the body does not keep, and tries again with the rest. An assumption that
    // does not hold may also contradict what is declared inside.
    private static ImmutableArray<IrType> Settle(
        Graph body, ImmutableArray<BodyInput> given, ImmutableArray<IrType> declared, ImmutableArray<IrType> outside,
        ImmutableArray<IrType> incoming, PassContext context)
    {
        var tried = outside;
        for (int i = 0; i < Tries && context.Depth <= TryDepth; i++)
        {
            Graph inferred;
            try
            {
                inferred = Refine(body, tried, context with { Steps = new StepLog() }, isTrial: true);
            }
            catch (NnccException)
            {
                break;
            }
            ImmutableArray<IrType> kept = [.. given.Select((g, k) => g.Feedback < 0 ? tried[k]
                : Keep(tried[k], inferred[inferred.Outputs[g.Feedback].Value].Type, declared[k], axis =>
                    FreshSymbols.OfInput(body, incoming, k, axis)))];
            if (kept.SequenceEqual(tried)) return tried;
            tried = kept;
        }
        return [.. given.Select((g, i) => g.Feedback < 0 ? outside[i] : declared[i])];
    }

    private static IrType Meet(IrType outside, IrType declared, Graph body, int input) => !TypeRelation.Contradicts(outside, declared)
        ? TypeRelation.Meet(outside, declared)
        : throw new NnccException(FaultCodes.TypeChange,
            $"the body \"{body.Name}\" takes \"{body[body.Inputs[input].Value].Name}\" as {declared}, and gets {outside}");

    private static Graph Refine(Graph body, ImmutableArray<IrType> types, PassContext context, bool isTrial)
    {
        var edit = new GraphEdit(body);
        var faults = ImmutableArray<Fault>.Empty;
        context.Step(edit, "type-of-body-input", () => faults = edit.RefineInputs(types));
        return faults.IsEmpty ? Run(edit.Freeze(), context, isTrial) : throw new NnccException(faults);
    }

    // What is tried of a carried value, as far as the body gives it back.
    private static IrType Keep(IrType tried, IrType result, IrType declared, Func<int, Dim> any)
    {
        if (result.Equals(tried)) return tried;
        if (tried is not TensorType { Shape: { } shape } t || result is not TensorType { Shape: { } after } || after.Rank != shape.Rank)
            return declared;
        var before = (declared as TensorType)?.Shape;
        return t with
        {
            Shape = new Shape([.. shape.Select((size, axis) => Dim.AreEqual(size, after[axis]) == Answer.Yes ? size
                : before?[axis] ?? any(axis))]),
        };
    }
}
