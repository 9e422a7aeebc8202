using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>
/// Replaces a call of a model-local function by the function's nodes. They are called <c>call/node</c>; names inside mean the
/// function's values, its opsets hold, and references to its attributes take what the call gives, or the default.
/// </summary>
internal sealed class FunctionCall(ReadContext context, NodeReader nodes)
{
    private const int MaxDepth = 64;
    private readonly Dictionary<FunctionProto, long> sizes = new(ReferenceEqualityComparer.Instance);
    private const int MaxNodes = 1_000_000; // a few lines of functions that call each other can say more nodes than any memory holds

    public void Inline(FunctionProto function, NodeCall call, List<int> operands, Scope scope)
    {
        if (scope.Calls.Any(c => ReferenceEquals(c, function))) throw Wrong($"function {Names.Quote(function.Name)} calls itself");
        if (scope.Calls.Count >= MaxDepth)
            throw new NnccException(FaultCodes.Limit, $"calls of functions are nested more than {MaxDepth} deep");
        if (operands.Count > function.Input.Count)
            throw Wrong($"it gives {operands.Count} operands; function {Names.Quote(function.Name)} has {function.Input.Count} inputs");
        if (call.Proto.Output.Count > function.Output.Count)
            throw Wrong($"it takes {call.Proto.Output.Count} results; function {Names.Quote(function.Name)} has {function.Output.Count}");
        if (scope.Calls.Count == 0 && (context.Inlined += Size(function, 0)) > MaxNodes)
            throw new NnccException(FaultCodes.Limit, $"functions of the model stand for more than {MaxNodes} nodes");
        var inner = new Scope(scope.Build, Opsets(function))
        {
            Prefix = call.Name + "/",
            Arguments = Arguments(function, call, scope),
            Calls = [.. scope.Calls, function],
        };
        for (int i = 0; i < function.Input.Count; i++)
            if (!inner.Values.TryAdd(function.Input[i], i < operands.Count ? operands[i] : Node.Absent))
                throw Wrong($"function {Names.Quote(function.Name)} has two inputs {Names.Quote(function.Input[i])}");
        foreach (var info in function.ValueInfo)
            if (info.Type is not null) inner.Declared.TryAdd(info.Name, info.Type);
        nodes.Read(function.Node, function.Output, inner);
        var renamed = new HashSet<int>(operands);
        for (int i = 0; i < call.Proto.Output.Count; i++)
        {
            string name = call.Proto.Output[i];
            if (name.Length == 0) continue;
            if (!inner.Values.TryGetValue(function.Output[i], out int value) || value == Node.Absent)
                throw Wrong($"nothing defines the output {Names.Quote(function.Output[i])} of function {Names.Quote(function.Name)}");
            // The value takes the name that it has outside, unless it comes from there or has two.
            if (renamed.Add(value))
                scope.Edit.Rename(value, scope.Prefix.Length == 0 ? name : scope.Build.Names.Unique(scope.Prefix + name));
            nodes.Define(call, name, value, scope);
        }
    }

    // How many nodes a call stands for. What calls itself counts once here, and is refused when it is read.
    private long Size(FunctionProto function, int depth)
    {
        if (sizes.TryGetValue(function, out long known)) return known;
        sizes[function] = 1;
        return sizes[function] = depth > MaxDepth ? 1 : function.Node.Sum(node => Size(node, depth));
    }

    private long Size(NodeProto node, int depth)
    {
        long size = context.Functions.TryGetValue((ReadContext.Domain(node.Domain), node.OpType, node.Overload), out var function)
            ? Size(function, depth + 1) : 1;
        foreach (var graph in FreeNames.Graphs(node)) size += graph.Node.Sum(inner => Size(inner, depth));
        return Math.Min(size, MaxNodes + 1L);
    }

    private static Dictionary<string, int> Opsets(FunctionProto function)
    {
        var opsets = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var import in function.OpsetImport)
            opsets[ReadContext.Domain(import.Domain)] = (int)Math.Clamp(import.Version, 0, int.MaxValue);
        return opsets;
    }

    private static Dictionary<string, AttributeProto> Arguments(FunctionProto function, NodeCall call, Scope scope)
    {
        var arguments = new Dictionary<string, AttributeProto>(StringComparer.Ordinal);
        foreach (var given in call.Proto.Attribute)
        {
            if (!function.Attribute.Contains(given.Name) && function.AttributeProto.All(a => a.Name != given.Name))
                throw Wrong($"function {Names.Quote(function.Name)} has no attribute {Names.Quote(given.Name)}");
            if (FreeNames.Graphs(given).Any())
                throw new NnccException(FaultCodes.NotSupported,
                    $"function {Names.Quote(function.Name)} is given a graph as attribute {Names.Quote(given.Name)}");
            if (given.RefAttrName.Length == 0) arguments[given.Name] = given;
            else if (scope.Arguments?.GetValueOrDefault(given.RefAttrName) is { } outer) arguments[given.Name] = outer;
        }
        foreach (var attribute in function.AttributeProto) arguments.TryAdd(attribute.Name, attribute);
        return arguments;
    }

    private static NnccException Wrong(string message) => new(FaultCodes.Function, message);
}
