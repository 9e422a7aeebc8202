using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>
/// A change of an op's ONNX form at an opset version. <paramref name="Up"/> brings a form of before the version to the one from it
/// on; where it is null nothing needs doing. <paramref name="Down"/> goes the other way and returns null, or the reason why this
/// node cannot be written before the version; where it is null no node can.
/// </summary>
/// <param name="Version">First opset version with the newer form.</param>
/// <param name="Up">From older to newer, or null.</param>
/// <param name="Down">From newer to older, or null.</param>
public sealed record FormChange(int Version, Action<OpForm>? Up, Func<OpForm, string?>? Down)
{
    /// <summary>
    /// The version of a change that brings forms of every opset, today's too, to the one spelling that the op's attributes have.
    /// </summary>
    public const int EveryVersion = int.MaxValue;

    /// <summary>A <see cref="Down"/> for a change that only allowed more: nothing to do.</summary>
    public static string? Nothing(OpForm form) => null;
}

/// <summary>What a change of form may ask of its surroundings.</summary>
public interface IFormScope
{
    /// <summary>Type of a value; null for an absent one.</summary>
    IrType? Type(int value);

    /// <summary>Content of a value that is constant; else null.</summary>
    Tensor? Constant(int value);

    /// <summary>A new constant; gives its value.</summary>
    int AddConstant(Tensor tensor);

    /// <summary>
    /// A new node in today's form before the one at hand (or, from <see cref="OpForm.After"/>, behind it); gives its first result.
    /// </summary>
    int Emit(Op op, params ReadOnlySpan<int> inputs);
}

/// <summary>A node as ONNX writes it: names and neutral attribute values, open to change (see <see cref="AttributeDefinition"/>).</summary>
/// <param name="scope">The surroundings.</param>
/// <param name="domain">Domain; empty for ai.onnx.</param>
/// <param name="name">Name of the op.</param>
/// <param name="inputs">Operand values; -1 for an absent one.</param>
/// <param name="outputCount">Number of results.</param>
public sealed class OpForm(IFormScope scope, string domain, string name, IEnumerable<int> inputs, int outputCount)
{
    private Dictionary<int, Func<int, int>>? after;

    /// <summary>Domain; empty for ai.onnx.</summary>
    public string Domain { get; set; } = domain;

    /// <summary>Name of the op.</summary>
    public string Name { get; set; } = name;

    /// <summary>Attributes in neutral form.</summary>
    public SortedDictionary<string, object> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Operand values; -1 for an absent one.</summary>
    public List<int> Inputs { get; } = [.. inputs];

    /// <summary>Number of results.</summary>
    public int OutputCount { get; set; } = outputCount;

    /// <summary>Wraps the given result in nodes behind the op: takes the op's own result and returns what users see.</summary>
    public Dictionary<int, Func<int, int>> After => after ??= [];

    /// <summary>The results that <see cref="After"/> wraps, ascending.</summary>
    public IEnumerable<int> Wrapped => after is null ? [] : after.Keys.Order();

    /// <summary>The surroundings.</summary>
    public IFormScope Scope => scope;

    /// <summary>Whether operand <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < Inputs.Count && Inputs[index] >= 0;

    /// <summary>Type of operand <paramref name="index"/>; null where it is absent.</summary>
    public IrType? Type(int index) => Has(index) ? scope.Type(Inputs[index]) : null;

    /// <summary>The known rank of operand <paramref name="index"/>; null where it is unknown.</summary>
    public int? Rank(int index) => (Type(index) as TensorType)?.Shape?.Rank;

    /// <summary>Content of operand <paramref name="index"/> where it is constant.</summary>
    public Tensor? Constant(int index) => Has(index) ? scope.Constant(Inputs[index]) : null;

    /// <summary>An integer attribute, or the default.</summary>
    public long Int(string name, long otherwise) => Attributes.TryGetValue(name, out var value) && value is long number ? number
        : otherwise;

    /// <summary>
    /// Takes an attribute out and gives it; null where it is absent or of another kind (which is then left to be reported).
    /// </summary>
    public object? Take<T>(string name)
    {
        if (!Attributes.TryGetValue(name, out var value) || value is not T) return null;
        Attributes.Remove(name);
        return value;
    }

    /// <summary>Makes operand <paramref name="index"/> this value, filling up with absent ones.</summary>
    public void SetInput(int index, int value)
    {
        while (Inputs.Count <= index) Inputs.Add(-1);
        Inputs[index] = value;
    }

    /// <summary>Drops absent operands at the end.</summary>
    public void TrimInputs()
    {
        while (Inputs.Count > 0 && Inputs[^1] < 0) Inputs.RemoveAt(Inputs.Count - 1);
    }
}
