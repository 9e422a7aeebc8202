using Google.Protobuf.Collections;
using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>GraphProto to <see cref="Graph"/>: inputs, initializers, nodes, outputs; bodies become closed graphs.</summary>
internal sealed class GraphReader
{
    private readonly ReadContext context;
    private readonly NodeReader nodes;

    public GraphReader(ReadContext context)
    {
        this.context = context;
        nodes = new NodeReader(context, this);
    }

    /// <summary>The model's graph. Faults are collected; what they spoil gets stand-ins, so that reading goes on.</summary>
    public Graph Read(GraphProto proto)
    {
        var build = new GraphBuild(proto.Name.Length > 0 ? proto.Name : "graph");
        var scope = new Scope(build, context.Opsets);
        Reserve(build, proto);
        ReadGraph(proto, scope, isBody: false, []);
        if (proto.Output.Count == 0) context.Faults.Add(FaultCodes.Undefined, "the graph has no outputs");
        return build.Edit.Freeze();
    }

    /// <summary>A body: a graph whose last inputs are the captured values, some of them constants that are copied instead.</summary>
    /// <param name="proto">The body.</param>
    /// <param name="outer">The names around it.</param>
    /// <param name="captures">What the bodies of the node capture.</param>
    /// <param name="path">Name of node and attribute.</param>
    public Graph ReadBody(GraphProto proto, Scope outer, Captures captures, string path)
    {
        var build = new GraphBuild(proto.Name.Length > 0 ? proto.Name : "body") { DimScope = path + "/" };
        var scope = new Scope(build, outer.Opsets) { Prefix = outer.Prefix, Arguments = outer.Arguments, Calls = outer.Calls };
        Reserve(build, proto);
        var free = context.Free.Of(proto).ToHashSet(StringComparer.Ordinal);
        foreach (string name in captures.Absent) scope.Values[name] = Node.Absent;
        foreach (var (name, tensor) in captures.Constants)
            if (free.Contains(name)) scope.Values[name] = build.Edit.AddConstant(tensor, build.Names.Unique(name));
        // What another body of the node captures is an input here too, but no name: this body may define the name itself.
        ReadGraph(proto, scope, isBody: true, captures.Values.Select(c => (free.Contains(c.Name) ? c.Name : "", outer.Edit[c.Value])));
        return build.Edit.Freeze();
    }

    private void ReadGraph(GraphProto proto, Scope scope, bool isBody, IEnumerable<(string Name, Value Outer)> captured)
    {
        foreach (var info in proto.ValueInfo.Concat(proto.Output))
            if (info.Type is not null) scope.Declared.TryAdd(info.Name, info.Type);
        var initializers = Initializers(proto, out var order);
        foreach (var input in proto.Input) ReadInput(input, scope, isBody, initializers);
        foreach (var (name, outer) in captured)
        {
            int value = scope.Edit.AddInput(scope.Build.Names.Unique(outer.Name), outer.Type);
            if (name.Length > 0) scope.Values[name] = value;
        }
        // What is left are the initializers that are no inputs.
        foreach (string name in order.Where(initializers.ContainsKey))
            Define(scope, name, $"initializer {Names.Quote(name)}", () => initializers[name] is { } tensor
                ? scope.Edit.AddConstant(tensor, name) : Unknown(scope));
        nodes.Read(proto.Node, proto.Output.Select(o => o.Name), scope);
        foreach (var output in proto.Output) ReadOutput(output, scope);
        if (isBody) return; // there the place says which output is which
        foreach (var twice in proto.Output.GroupBy(o => o.Name).Where(group => group.Count() > 1))
            context.Faults.Add(FaultCodes.Duplicate, "it is listed twice", $"output {Names.Quote(twice.Key)}");
    }

    // By name; null for one that cannot be read.
    private Dictionary<string, Tensor?> Initializers(GraphProto proto, out List<string> order)
    {
        var table = new Dictionary<string, Tensor?>(StringComparer.Ordinal);
        var names = order = [];
        foreach (var tensor in proto.Initializer) Add(tensor.Name, () => context.Tensors.Read(tensor));
        foreach (var sparse in proto.SparseInitializer) Add(sparse.Values?.Name ?? "", () => context.Tensors.Dense(sparse));
        return table;

        void Add(string name, Func<Tensor> read)
        {
            string place = $"initializer {Names.Quote(name)}";
            var tensor = context.Faults.Try(place, read);
            if (name.Length == 0) context.Faults.Add(FaultCodes.Undefined, "an initializer has no name");
            else if (table.TryAdd(name, tensor)) names.Add(name);
            else context.Faults.Add(FaultCodes.Duplicate, $"the name {Names.Quote(name)} is given to two initializers", place);
        }
    }

    private void ReadInput(ValueInfoProto input, Scope scope, bool isBody, Dictionary<string, Tensor?> initializers)
    {
        string place = $"input {Names.Quote(input.Name)}";
        if (input.Name.Length == 0)
        {
            context.Faults.Add(FaultCodes.Undefined, "an input of the graph has no name");
            return;
        }
        bool hasDefault = initializers.TryGetValue(input.Name, out var tensor);
        var declared = context.Faults.Try(place, () => TypeReader.Read(input.Type, input.Name, scope.Build.DimScope));
        var type = declared ?? tensor?.Type ?? IrType.Unknown;
        if (tensor is not null && TypeRelation.Contradicts(type, tensor.Type))
            context.Faults.Add(FaultCodes.DeclaredType, $"it is declared as {type}, and its initializer is {tensor.Type}", place);
        // Up to IR 3 every initializer had to be listed as an input; it was a constant all the same.
        if (hasDefault && context.IrVersion < 4) return;
        initializers.Remove(input.Name);
        if (!isBody && (type is UnknownType || type is TensorType { DType: DType.Unknown }))
            context.Faults.Add(FaultCodes.DeclaredType, "it is declared without a type", place);
        Define(scope, input.Name, place, () => scope.Edit.AddInput(input.Name, type, tensor));
    }

    private void ReadOutput(ValueInfoProto output, Scope scope)
    {
        string place = $"output {Names.Quote(output.Name)}";
        if (!scope.Values.TryGetValue(output.Name, out int value) || value == Node.Absent)
        {
            context.Faults.Add(FaultCodes.Undefined, scope.Dropped.TryGetValue(output.Name, out var whose)
                ? $"it is {whose}, which nncc does not compute" : "nothing in the graph defines it", place);
            value = Unknown(scope);
        }
        scope.Edit.AddOutput(output.Name, value);
        // Results of nodes have met their declarations; an input or constant that is an output has not.
        if (!scope.Edit[value].IsInput) return;
        var type = context.Faults.Try(place, () => TypeReader.Read(output.Type, output.Name, scope.Build.DimScope) is { } declared
            ? DeclaredTypes.Combine(scope.Edit[value].Type, declared, output.Name, context.Faults, place) : null);
        if (type is not null) scope.Edit.Refine(value, type);
    }

    private void Define(Scope scope, string name, string place, Func<int> add)
    {
        if (scope.Values.ContainsKey(name))
            context.Faults.Add(FaultCodes.Duplicate, $"the name {Names.Quote(name)} is defined twice", place);
        else scope.Values[name] = add();
    }

    // A stand-in for what a fault spoilt.
    internal static int Unknown(Scope scope) => scope.Edit.AddInput(scope.Build.Names.Unique("missing"), IrType.Unknown);

    private static void Reserve(GraphBuild build, GraphProto proto)
    {
        foreach (var input in proto.Input) build.Names.Reserve(input.Name);
        foreach (var tensor in proto.Initializer) build.Names.Reserve(tensor.Name);
        foreach (var sparse in proto.SparseInitializer) build.Names.Reserve(sparse.Values?.Name ?? "");
        foreach (var node in proto.Node)
            foreach (string output in node.Output) build.Names.Reserve(output);
    }
}

/// <summary>What the bodies of one node use of the values around them.</summary>
/// <param name="Values">Captured values in the order of first use: the last operands of the node, the last inputs of each body.</param>
/// <param name="Constants">Constants that are copied into the bodies that use them.</param>
/// <param name="Absent">Names of operands that a function was not given.</param>
internal sealed record Captures(List<(string Name, int Value)> Values, List<(string Name, Tensor Tensor)> Constants, List<string> Absent)
{
    // Sizes, axes and scalars: with them at hand, types inside of the body can be inferred. Larger ones are captured.
    private const long CopiedBytes = 1024;

    /// <summary>Of a node's graphs. Names that nothing around defines are left for the node inside that uses them.</summary>
    public static Captures Of(IEnumerable<GraphProto> graphs, Scope scope, FreeNames free)
    {
        var captures = new Captures([], [], []);
        HashSet<string>? seen = null;
        foreach (var graph in graphs)
            foreach (string name in free.Of(graph))
            {
                if (!(seen ??= new(StringComparer.Ordinal)).Add(name) || !scope.Values.TryGetValue(name, out int value)) continue;
                if (value == Node.Absent) captures.Absent.Add(name);
                else if (scope.Edit.Constant(value) is { } tensor
                    && (tensor.DType == DType.String ? tensor.Count <= 1 : tensor.ByteCount <= CopiedBytes))
                    captures.Constants.Add((name, tensor));
                else captures.Values.Add((name, value));
            }
        return captures;
    }
}
