using Nncc.IR.Onnx.Proto;

namespace Nncc.IR.Onnx;

/// <summary>What all parts of reading one model share.</summary>
internal sealed class ReadContext(OpRegistry registry, TensorReader tensors, int irVersion)
{
    public OpRegistry Registry => registry;

    public TensorReader Tensors => tensors;

    public AttributeReader Attributes { get; } = new(tensors);

    public int IrVersion => irVersion;

    public FaultList Faults { get; } = new();

    public FreeNames Free { get; } = new();

    /// <summary>Model-local functions by domain, name and overload.</summary>
    public Dictionary<(string, string, string), FunctionProto> Functions { get; } = [];

    /// <summary>Opset by domain as the model imports it.</summary>
    public Dictionary<string, int> Opsets { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Names of nodes, of all graphs: each node is called by one that no other has.</summary>
    public Names NodeNames { get; } = new();

    /// <summary>Origins that the model's metadata give for nodes by name (files that nncc wrote before IR 10).</summary>
    public IReadOnlyDictionary<string, Provenance> Origins { get; init; } = new Dictionary<string, Provenance>();

    /// <summary>How many nodes calls of functions have given.</summary>
    public long Inlined { get; set; }

    /// <summary>ai.onnx has two names.</summary>
    public static string Domain(string domain) => domain == "ai.onnx" ? "" : domain;
}

/// <summary>A graph that is being read.</summary>
internal sealed class GraphBuild(string name)
{
    public GraphEdit Edit { get; } = new(name);

    /// <summary>Names of values; those of the file are taken from the start.</summary>
    public Names Names { get; } = new();

    /// <summary>Says where open sizes are: empty for the model's graph, the way to it for a body.</summary>
    public string DimScope { get; init; } = "";
}

/// <summary>Where names have their meaning: a graph, or the call of a function within one.</summary>
internal sealed class Scope(GraphBuild build, IReadOnlyDictionary<string, int> opsets)
{
    public GraphBuild Build => build;

    public GraphEdit Edit => build.Edit;

    /// <summary>Opset by domain.</summary>
    public IReadOnlyDictionary<string, int> Opsets => opsets;

    /// <summary>Value ids by name; <see cref="Node.Absent"/> for a function's input that the call does not give.</summary>
    public Dictionary<string, int> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that something uses.</summary>
    public HashSet<string> Used { get; } = new(StringComparer.Ordinal);

    /// <summary>Results that nncc does not compute, with whose they are.</summary>
    public Dictionary<string, string> Dropped { get; } = new(StringComparer.Ordinal);

    /// <summary>Declared types by name.</summary>
    public Dictionary<string, TypeProto> Declared { get; } = new(StringComparer.Ordinal);

    /// <summary>Stands before names of nodes and values: empty, or the calls that lead here.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Attributes of the call; null outside of functions.</summary>
    public IReadOnlyDictionary<string, AttributeProto>? Arguments { get; init; }

    /// <summary>The functions that are being called, outermost first.</summary>
    public IReadOnlyList<FunctionProto> Calls { get; init; } = [];
}
