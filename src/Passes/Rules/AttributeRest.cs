using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>The attributes that <c>...name</c> stands for: those of a matched op that its pattern does not write out.</summary>
/// <param name="read">Gives names and values in the form of rules, of the op as it was when the pattern was matched.</param>
internal sealed class AttributeRest(Func<ImmutableArray<KeyValuePair<string, object?>>> read)
{
    private ImmutableArray<KeyValuePair<string, object?>> values;

    private ImmutableArray<KeyValuePair<string, object?>> Values => values.IsDefault ? values = read() : values;

    /// <summary>
    /// The values for an op, but for those that a term sets itself. Null, with the reason, where the op does not have an attribute whose
    /// value is not the default.
    /// </summary>
    public IEnumerable<KeyValuePair<string, object?>>? For(OpDefinition definition, ImmutableArray<NamedTerm> set, out Failure? missing)
    {
        var rest = Values.Where(v => set.All(s => s.Name != v.Key)).ToList();
        missing = rest.Select(v => v.Key).FirstOrDefault(name => definition.Attribute(name) is null) is { } wrong
            ? new Failure(() => $"{definition.FullName} has no attribute {wrong}") : null;
        return missing is null ? rest : null;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Values.Select(v => $"{v.Key}={RuleValues.Show(v.Value)}"));
}
