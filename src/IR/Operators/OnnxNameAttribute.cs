namespace Nncc.IR;

/// <summary>
/// The ONNX name of an op's parameter or of an enumeration's member, where it is not the snake case of the C# name
/// (<c>KernelShape</c> is <c>kernel_shape</c> without saying so).
/// </summary>
/// <param name="name">Name in ONNX.</param>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Field)]
public sealed class OnnxNameAttribute(string name) : Attribute
{
    /// <summary>Name in ONNX.</summary>
    public string Name { get; } = name;
}

/// <summary>Marks an op's parameter that ONNX does not write: it follows from the rest of the node (the number of captures).</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class DerivedAttribute : Attribute;
