namespace Nncc.IR.Onnx;

/// <summary>Finds what a node's domain and name mean in the opset that is imported.</summary>
internal static class OpResolver
{
    /// <summary>
    /// The domain of nncc's own ops, which no file holds: they are written as their bodies, and a name that is read is an operator of an
    /// unknown domain.
    /// </summary>
    public const string InternalDomain = "nncc";

    /// <summary>What is known of an operator.</summary>
    /// <param name="Definition">How nncc knows it; null for an opaque op.</param>
    /// <param name="Schema">How ONNX defines it in the imported opset; null for a domain that is not ONNX's.</param>
    /// <param name="Opset">The imported opset of its domain.</param>
    public sealed record Resolved(OpDefinition? Definition, OpSchema? Schema, int Opset);

    /// <summary>The meaning; null after a fault.</summary>
    public static Resolved? Resolve(NodeCall call, Scope scope, ReadContext context)
    {
        string name = call.Proto.OpType;
        if (!scope.Opsets.TryGetValue(call.Domain, out int opset))
        {
            string domain = call.Domain.Length == 0 ? "ai.onnx" : call.Domain;
            context.Faults.Add(FaultCodes.OpsetImport, $"operators of {Names.Quote(domain)} are used, and no opset of it is imported",
                scope.Calls.Count == 0 ? null : $"function {Names.Quote(scope.Calls[^1].Name)}",
                    "the model needs an entry of opset_import for this domain");
            opset = OpSchemas.NewestOf(call.Domain);
        }
        var definition = call.Domain == InternalDomain ? null : context.Registry.Find(call.Domain, name);
        var versions = OpSchemas.Versions(call.Domain, name);
        var schema = OpSchemas.Find(call.Domain, name, opset);
        if (schema is not null || !OpSchemas.IsComplete(call.Domain, opset))
        {
            if (definition is not null) return new Resolved(definition, schema, opset);
            return IsSameEverywhere(call, schema, scope, context) ? new Resolved(null, schema, opset) : null;
        }
        if (versions.IsEmpty && definition is not null) return new Resolved(definition, null, opset); // of a plugin
        if (versions.IsEmpty)
            context.Faults.Add(FaultCodes.NoSuchOp, $"no version of ONNX defines {Names.Quote(name)}", call.Place,
                "it is an experiment of an early exporter; export the model again with a current one");
        else
            context.Faults.Add(FaultCodes.OpNotInOpset,
                $"{name} is an operator from opset {versions[0].Since} on, and the model imports opset {opset}", call.Place,
                "the exporter wrote a wrong opset; export the model again");
        return null;
    }

    // What nncc does not know keeps its form, so the opset of a function must mean the same by it as the model's.
    private static bool IsSameEverywhere(NodeCall call, OpSchema? schema, Scope scope, ReadContext context)
    {
        if (scope.Calls.Count == 0 || !context.Opsets.TryGetValue(call.Domain, out int outer)) return true;
        int inner = scope.Opsets.GetValueOrDefault(call.Domain);
        if (inner == outer || (schema is not null && OpSchemas.Find(call.Domain, call.Proto.OpType, outer)?.Since == schema.Since))
            return true;
        context.Faults.Add(FaultCodes.NotSupported,
            $"a function uses {call.Proto.OpType} of opset {inner}, the model imports {outer}, and nncc does not know the operator",
                call.Place);
        return false;
    }
}
