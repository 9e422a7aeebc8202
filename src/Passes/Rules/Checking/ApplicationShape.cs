using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Checking;

/// <summary>
/// What makes two applications of a rule the same for a check: the rule, the ops with their attributes, the types of their operands, which
/// operands are the same value, and the contents of short integer constants, which say axes and sizes.
/// </summary>
internal sealed class ApplicationShape : IEquatable<ApplicationShape>
{
    private const int ShortList = 16;

    private readonly Rule rule;
    private readonly ImmutableArray<object?> parts;
    private readonly int hash;

    private ApplicationShape(Rule rule, ImmutableArray<object?> parts)
    {
        (this.rule, this.parts) = (rule, parts);
        var code = new HashCode();
        code.Add(rule.Name, StringComparer.Ordinal);
        foreach (object? part in parts) code.Add(part);
        hash = code.ToHashCode();
    }

    /// <summary>The shape of an application.</summary>
    public static ApplicationShape Of(GraphEdit edit, RuleMatch match)
    {
        var parts = ImmutableArray.CreateBuilder<object?>();
        var places = new Dictionary<int, int>();
        foreach (var node in match.Nodes)
        {
            parts.Add(node.Op);
            parts.Add(node.Outputs.Length);
            foreach (int input in node.Inputs)
            {
                bool isNew = places.TryAdd(input, places.Count);
                parts.Add(places[input]);
                if (!isNew || input == Node.Absent) continue;
                parts.Add(edit[input].Type);
                if (edit.Constant(input) is not { } constant) continue;
                parts.Add(true);
                if (constant.Count <= ShortList && !constant.DType.IsFloat()) parts.Add(constant);
            }
        }
        return new ApplicationShape(match.Rule, parts.ToImmutable());
    }

    /// <inheritdoc/>
    public bool Equals(ApplicationShape? other) => other is not null && hash == other.hash && ReferenceEquals(rule, other.rule)
        && parts.AsSpan().SequenceEqual(other.parts.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ApplicationShape);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;
}
