using System.Collections.Immutable;

namespace Nncc.IR.Onnx;

/// <summary>An operator of the ONNX standard as one opset version defines it (see schemas.txt).</summary>
/// <param name="Name">Name.</param>
/// <param name="Since">The opset version from which on it is so.</param>
/// <param name="IsWithdrawn">Whether this version says that the operator is no more.</param>
/// <param name="Inputs">Operands in order.</param>
/// <param name="LeastInputs">How many operand names a node must have at least.</param>
/// <param name="Outputs">Results in order.</param>
/// <param name="LeastOutputs">How many results a node must have at least.</param>
/// <param name="Attributes">Attributes, ordered by name.</param>
public sealed record OpSchema(
    string Name, int Since, bool IsWithdrawn, ImmutableArray<SchemaOperand> Inputs, int LeastInputs, ImmutableArray<SchemaOperand> Outputs,
    int LeastOutputs, ImmutableArray<SchemaAttribute> Attributes)
{
    /// <summary>The operand at a place, the last one repeated where it is variadic; null beyond.</summary>
    public SchemaOperand? Input(int index) => At(Inputs, index);

    /// <summary>The result at a place, the last one repeated where it is variadic; null beyond.</summary>
    public SchemaOperand? Output(int index) => At(Outputs, index);

    /// <summary>The attribute of that name, or null.</summary>
    public SchemaAttribute? Attribute(string name) => Attributes.FirstOrDefault(a => a.Name == name);

    private static SchemaOperand? At(ImmutableArray<SchemaOperand> list, int index) =>
        index < list.Length ? list[index] : list is [.., { IsVariadic: true } last] ? last : null;
}

/// <summary>An operand or result of an <see cref="OpSchema"/>.</summary>
/// <param name="Name">Name.</param>
/// <param name="IsOptional">Whether it may be absent.</param>
/// <param name="IsVariadic">Whether it stands for any number of operands.</param>
/// <param name="Types">What it may be.</param>
public sealed record SchemaOperand(string Name, bool IsOptional, bool IsVariadic, SchemaTypes Types);

/// <summary>An attribute of an <see cref="OpSchema"/>.</summary>
/// <param name="Name">Name.</param>
/// <param name="Kind">int, float, string, tensor, graph, type, sparse, ints, floats, strings, tensors, types or graphs.</param>
/// <param name="IsRequired">Whether a node must give it.</param>
public sealed record SchemaAttribute(string Name, string Kind, bool IsRequired);

/// <summary>The types that an operand may have: element types of tensors, and whether it may be something else than a tensor.</summary>
/// <param name="Tensors">Element types.</param>
/// <param name="Sequence">Whether sequences are taken.</param>
/// <param name="Optional">Whether optionals are taken.</param>
/// <param name="Map">Whether maps are taken.</param>
public sealed record SchemaTypes(ImmutableHashSet<DType> Tensors, bool Sequence, bool Optional, bool Map)
{
    /// <summary>Whether a value of that type is taken; what is unknown is not refused.</summary>
    public bool Takes(IrType type) => type switch
    {
        TensorType { DType: var dtype } => dtype == DType.Unknown ? Tensors.Count > 0 : Tensors.Contains(dtype),
        SequenceType => Sequence,
        OptionalType => Optional,
        MapType => Map,
        _ => true,
    };
}
