using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>An input or output of a model: name, element type, sizes.</summary>
/// <param name="Name">Name in the model.</param>
/// <param name="ElementType">.NET type of the elements.</param>
/// <param name="Dims">Sizes, outermost first.</param>
internal sealed record ModelPort(string Name, Type ElementType, IReadOnlyList<long> Dims)
{
    /// <summary>Number of elements.</summary>
    public long Count => Dims.Aggregate(1L, (product, dim) => product * dim);
}

/// <summary>What is known of an emitted model without running it.</summary>
/// <param name="Name">Name of the model.</param>
/// <param name="Inputs">Inputs in order.</param>
/// <param name="Outputs">Outputs in order.</param>
/// <param name="Target">Target profile that it was compiled for.</param>
/// <param name="InstructionSets">Instruction sets that it needs.</param>
/// <param name="Compiler">Name and version of the compiler.</param>
/// <param name="WeightsHash">SHA-256 of its packed weights, in hexadecimal.</param>
/// <param name="ArenaBytes">Bytes of working memory of an instance.</param>
internal sealed record ModelInfo(string Name, IReadOnlyList<ModelPort> Inputs, IReadOnlyList<ModelPort> Outputs, string Target,
    IReadOnlyList<string> InstructionSets, string Compiler, string WeightsHash, long ArenaBytes);

/// <summary>Memory of a tensor with its sizes.</summary>
/// <param name="Port">Type and sizes.</param>
/// <param name="Bytes">The elements in row-major order.</param>
internal readonly record struct TensorView(ModelPort Port, Memory<byte> Bytes)
{
    /// <summary>New memory for a port.</summary>
    public static TensorView New(ModelPort port) =>
        new(port, new byte[checked((int)(port.Count * Marshal.SizeOf(Storage(port.ElementType))))]);

    /// <summary>The elements.</summary>
    public Span<T> As<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes.Span);

    // A bool takes one byte here, four in native calls.
    private static Type Storage(Type type) => type == typeof(bool) ? typeof(byte) : type;
}
