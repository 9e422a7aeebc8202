using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>Builds a graph from nothing, op by op; used by the zoo, tests and programs that make models.</summary>
/// <param name="name">Name of the graph.</param>
public sealed class GraphBuilder(string name)
{
    private readonly GraphEdit edit = new(name);

    /// <summary>The prefix of names and origins, such as <c>layer1.0</c>; joined to names with a dot.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Adds an input tensor.</summary>
    public int Input(string name, DType dtype, params ReadOnlySpan<Dim> shape) =>
        edit.AddInput(name, new TensorType(dtype, new Shape([.. shape])));

    /// <summary>Adds an input of any type.</summary>
    public int Input(string name, IrType type) => edit.AddInput(name, type);

    /// <summary>Adds a constant.</summary>
    public int Constant(string name, Tensor tensor) => edit.AddConstant(tensor, Scoped(name), Provenance.Of(Scoped(name)));

    /// <summary>Adds a node of one result, named for its origin; gives the result.</summary>
    public int Add(string name, Op op, params ReadOnlySpan<int> inputs) =>
        edit.Insert(op, inputs, Provenance.Of(Scoped(name)), [Scoped(name)]).Outputs[0];

    /// <summary>Adds a node of several results; gives them.</summary>
    public ImmutableArray<int> AddMany(string name, Op op, int results, params ReadOnlySpan<int> inputs) =>
        edit.Insert(op, inputs, Provenance.Of(Scoped(name)), [.. Enumerable.Range(0, results).Select(i => $"{Scoped(name)}.{i}")]).Outputs;

    /// <summary>Adds an output.</summary>
    public void Output(string name, int value) => edit.AddOutput(name, value);

    /// <summary>The type of a value.</summary>
    public IrType Type(int value) => edit[value].Type;

    /// <summary>The static shape of a tensor value.</summary>
    public Shape Shape(int value) =>
        ((TensorType)edit[value].Type).Shape ?? throw new InvalidOperationException($"%{value} has an unknown rank");

    /// <summary>The graph.</summary>
    public Graph Build() => edit.Freeze();

    private string Scoped(string name) => Scope.Length == 0 ? name : $"{Scope}.{name}";
}
