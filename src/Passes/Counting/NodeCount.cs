using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting;

/// <summary>What one node costs; a node of a loop's body stands for all its iterations. All figures are per run of the model.</summary>
/// <param name="Name">Name of the node; of one in a body behind the name of the node with the body.</param>
/// <param name="Node">The node.</param>
/// <param name="Types">Types of its operands and results.</param>
/// <param name="Times">How often it runs.</param>
/// <param name="IsDead">Whether no output of the model depends on it.</param>
/// <param name="Gap">Why it cannot be counted; null where it was.</param>
/// <param name="Macs">Multiply-accumulates of products of floats.</param>
/// <param name="IntegerMacs">Multiply-accumulates of products of integers.</param>
/// <param name="Arithmetic">Other operations: one each for + - * / compare and for an elementary function.</param>
/// <param name="BytesIn">Bytes of the operands, weights included.</param>
/// <param name="BytesOut">Bytes of the results.</param>
/// <param name="Activations">Elements of the results.</param>
/// <param name="Parameters">Weights and biases among the operands, in elements, however often the node runs.</param>
/// <param name="HasConstantFactor">Whether a constant is among the operands of a product, so that it is a layer with weights.</param>
public sealed record NodeCount(string Name, Node Node, MeasureContext Types, Dim Times, bool IsDead, string? Gap, Dim Macs, Dim IntegerMacs,
    Dim Arithmetic, Dim BytesIn, Dim BytesOut, Dim Activations, long Parameters, bool HasConstantFactor)
{
    /// <summary>Floating point operations of products: 2 for each multiply-accumulate.</summary>
    public Dim Flops => Macs * 2;

    /// <summary>All operations: 2 for each multiply-accumulate of floats or integers, and the other arithmetic.</summary>
    public Dim Operations => (Macs + IntegerMacs) * 2 + Arithmetic;

    /// <summary>The op; of a fusion the ops in it, such as <c>Conv+Relu</c>.</summary>
    public string Label => Node.Op is Fusion fusion
        ? string.Join('+', fusion.Body.Nodes.Where(n => n.Op is not Constant).Select(n => n.Op.FullName)) : Node.Op.FullName;

    /// <summary>Bytes of operands and results.</summary>
    public Dim Bytes => BytesIn + BytesOut;
}
