using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// Checks what every graph keeps: each value is defined once and before its uses; operands and results are as the op's definition
/// says; types are what the op infers, or more exact; bodies fit their operands; no op outlives its stage; inputs and outputs are
/// row-major; names are unique. Linear in the graph's size.
/// </summary>
public static class Verifier
{
    /// <summary>All faults of the graph and of the bodies in it; empty if there is none.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="ops">Its ops.</param>
    /// <param name="verified">
    /// The graph that it was made from, in which these ops found no fault; null for none. What a node gives follows from the node and its
    /// operands, so nodes that are the same objects with the same objects around them are not inferred again.
    /// </param>
    public static ImmutableArray<Fault> Check(Graph graph, OpRegistry ops, Graph? verified = null)
    {
        if (ReferenceEquals(graph.VerifiedBy, ops)) return [];
        var faults = ImmutableArray.CreateBuilder<Fault>();
        new Run(graph, ops, faults, depth: 0, verified).CheckAll();
        if (faults.Count == 0) graph.VerifiedBy = ops;
        return faults.ToImmutable();
    }

    private sealed class Run(Graph graph, OpRegistry ops, ImmutableArray<Fault>.Builder faults, int depth, Graph? verified = null)
        : IValueFacts
    {
        private readonly bool[] isDefined = new bool[graph.NextValue];
        private string freshPrefix = "";
        private bool hasSamePrefix;

        public string FreshPrefix => freshPrefix;

        private ReadOnlySpan<Value?> Values => graph.ValuesById;

        public IrType TypeOf(int value) => graph[value].Type;

        public Tensor? ConstantOf(int value) => graph.TryConstant(value, out var tensor) ? tensor : null;

        public ImmutableArray<Dim>? KnownOf(int value) => graph[value].Known;

        public void CheckAll()
        {
            CheckNames();
            for (int i = 0; i < graph.Inputs.Length; i++) CheckInput(graph.Inputs[i], i);
            freshPrefix = FreshSymbols.Prefix(graph.Inputs.Where(i => IsDefined(i.Value)).Select(i => graph[i.Value].Type));
            hasSamePrefix = verified is not null
                && FreshSymbols.Prefix(verified.Inputs.Select(i => verified[i.Value].Type)) == freshPrefix;
            var hasId = new bool[graph.NextNode];
            foreach (var node in graph.Nodes)
            {
                if (hasId[node.Id]) Add($"two nodes have the id {node.Id}", node);
                hasId[node.Id] = true;
                CheckNode(node);
            }
            for (int id = 0; id < Values.Length; id++)
                if (Values[id] is not null && !isDefined[id]) Add($"%{id} is given by no node of the graph and is no input");
            foreach (var output in graph.Outputs)
            {
                if (!IsDefined(output.Value)) Add($"output \"{output.Name}\" is %{output.Value}, which is not defined");
                else CheckPlain(graph[output.Value]);
            }
        }

        private void CheckNames()
        {
            var names = new HashSet<string>(graph.NextValue, StringComparer.Ordinal);
            foreach (var value in Values)
                if (value is not null && !names.Add(value.Name)) Add($"two values have the name \"{value.Name}\"");
            names.Clear();
            foreach (var output in graph.Outputs)
                if (!names.Add(output.Name)) Add($"two outputs have the name \"{output.Name}\"");
        }

        private void CheckInput(GraphInput input, int slot)
        {
            if (Define(input.Value, producer: -1, slot, null) is not { } value) return;
            if (input.Default is { } content && TypeRelation.Contradicts(content.Type, value.Type))
                Add($"input \"{value.Name}\" is {value.Type}, its default {content.Type}");
            CheckPlain(value);
        }

        private void CheckNode(Node node)
        {
            bool hasOperands = true;
            foreach (int input in node.GivenInputs)
            {
                if (IsDefined(input)) continue;
                hasOperands = false;
                Add(input >= 0 && input < Values.Length && Values[input] is not null
                    ? $"%{input} is used before it is defined" : $"%{input} is used and does not exist", node);
            }
            for (int i = 0; i < node.Outputs.Length; i++)
                if (node.Outputs[i] != Node.Absent) Define(node.Outputs[i], node.Id, i, node);
            if (node.Op.LastStage < graph.Stage)
                Add($"{node.Op.FullName} stands at stage {graph.Stage}, and may not outlive {node.Op.LastStage}", node);
            if (hasOperands && IsVerified(node)) return;
            CheckSignature(node);
            CheckBodies(node, hasOperands);
            if (hasOperands) CheckTypes(node);
        }

        private bool IsVerified(Node node)
        {
            if (!hasSamePrefix || !ReferenceEquals(verified!.Find(node.Id), node)) return false;
            foreach (int input in node.GivenInputs)
                if (!IsSame(input) || !ReferenceEquals(graph.Producer(input), verified.Producer(input))) return false;
            foreach (int output in node.GivenOutputs)
                if (!IsSame(output)) return false;
            return true;

            bool IsSame(int value) => value < verified.NextValue && ReferenceEquals(Values[value], verified.ValuesById[value]);
        }

        private void CheckSignature(Node node)
        {
            if (node.Op is Ops.Opaque) return;
            if (ops.Find(node.Op) is not { } definition)
            {
                Add($"{node.Op.FullName} is not a registered op", node);
                return;
            }
            CheckCount("operand", definition.Inputs, node.Inputs.Length - node.Op.CaptureCount, node.Inputs, node);
            CheckCount("result", definition.Outputs, node.Outputs.Length, node.Outputs, node);
        }

        private void CheckCount(string what, ImmutableArray<OperandDefinition> signature, int count, ImmutableArray<int> given, Node node)
        {
            bool isVariadic = signature is [.., { IsVariadic: true }];
            if (count > signature.Length && !isVariadic)
                Add($"{node.Op.FullName} has at most {signature.Length} {what}s, here {count}", node);
            for (int i = 0; i < signature.Length; i++)
                if (!signature[i].IsOptional && !signature[i].IsVariadic && !(i < count && given[i] != Node.Absent))
                    Add($"{what} {i} (\"{signature[i].Name}\") of {node.Op.FullName} is missing", node);
        }

        private void CheckBodies(Node node, bool hasOperands)
        {
            if (node.Op.Bodies.IsEmpty) return;
            if (depth == Graph.NestingLimit)
            {
                faults.Add(new Fault(FaultCodes.Nesting, $"bodies are nested more than {Graph.NestingLimit} deep", node.Place));
                return;
            }
            int captures = node.Op.CaptureCount;
            foreach (var body in node.Op.Bodies)
            {
                if (captures > body.Inputs.Length || captures > node.Inputs.Length)
                    Add($"{captures} captured values, but {node.Inputs.Length} operands and {body.Inputs.Length} inputs of "
                        + $"the body \"{body.Name}\"", node);
                else if (hasOperands) CheckCaptures(node, body, captures);
                new Run(body, ops, faults, depth + 1).CheckAll();
            }
        }

        private void CheckCaptures(Node node, Graph body, int captures)
        {
            for (int i = 1; i <= captures; i++)
            {
                if (node.Inputs[^i] == Node.Absent) Add("a captured operand is absent", node);
                else if (graph.Type(node.Inputs[^i]) is { } outside && body.Type(body.Inputs[^i].Value) is { } inside
                    && TypeRelation.Contradicts(outside, inside))
                    Add($"%{node.Inputs[^i]} is {outside}, and the body \"{body.Name}\" captures it as {inside}", node);
            }
        }

        private void CheckTypes(Node node)
        {
            ImmutableArray<IrType> types;
            try
            {
                types = new InferContext(node, node.Outputs.Length, this).Run(node);
            }
            catch (NnccException e)
            {
                faults.AddRange(e.Faults);
                return;
            }
            for (int i = 0; i < node.Outputs.Length && i < types.Length; i++)
                if (node.Outputs[i] != Node.Absent && IsDefined(node.Outputs[i]) && graph[node.Outputs[i]].Type is var type
                    && !TypeRelation.IsAsExact(type, types[i]))
                    Add($"result {i} (%{node.Outputs[i]}) is {type}, but {node.Op.FullName} gives {types[i]}", node);
        }

        private Value? Define(int id, int producer, int slot, Node? node)
        {
            if (id < 0 || id >= Values.Length || Values[id] is not { } value)
            {
                Add($"%{id} is to be defined and does not exist", node);
                return null;
            }
            if (isDefined[id]) Add($"%{id} is defined twice", node);
            isDefined[id] = true;
            if (value.Id != id) Add($"%{id} says that it is %{value.Id}", node);
            if (value.Producer != producer || value.Slot != slot)
                Add($"%{id} says that it is result {value.Slot} of node {value.Producer}, but it is {slot} of {producer}", node);
            return value;
        }

        private void CheckPlain(Value value)
        {
            if (depth == 0 && value.Layout is { } layout)
                Add($"\"{value.Name}\" is an input or output of the graph and has the layout {layout}");
        }

        private bool IsDefined(int id) => id >= 0 && id < isDefined.Length && isDefined[id];

        private void Add(string message, Node? node = null) =>
            faults.Add(new Fault(FaultCodes.Inconsistent, message, node?.Place ?? $"graph \"{graph.Name}\""));
    }
}
