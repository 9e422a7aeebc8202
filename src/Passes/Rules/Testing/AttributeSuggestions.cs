using System.Collections.Immutable;

namespace Nncc.Passes.Rules.Testing;

/// <summary>Values that an attribute of an op may have, given its first operand.</summary>
/// <param name="random">Chooses.</param>
internal sealed class AttributeSuggestions(Random random)
{
    /// <summary>A neutral value, or null to leave it out.</summary>
    public object? For(string op, AttributeDefinition attribute, IrType? first)
    {
        var dims = (first as TensorType)?.Shape?.ToStatic() ?? [];
        int spatial = Math.Max(0, dims.Length - 2);
        switch (attribute.Name)
        {
            case "perm": return Shuffled(dims.Length);
            case "axis": return dims.Length == 0 ? 0L : (long)random.Next(-dims.Length, dims.Length);
            case "group" when dims.Length > 1: return random.Next(3) == 0 ? dims[1] : 1L;
            case "kernel_shape" when attribute.IsRequired: return List(spatial, 1, 3);
            case "kernel_shape": return null;
            case "strides": return random.Next(2) == 0 ? null : List(spatial, 1, 3);
            case "dilations": return random.Next(3) > 0 ? null : List(spatial, 1, 3);
            case "pads" when op != "Pad": return random.Next(2) == 0 ? null : List(2 * spatial, 0, 2);
            case "epsilon": return random.Next(2) == 0 ? 1e-5f : 0.01f;
            case "alpha" or "beta" or "gamma": return random.Next(2) == 0 ? null : (float)random.NextDouble();
            case "to": return (long)(int)Types[random.Next(Types.Length)];
            case "blocksize": return 2L;
            case "num_groups" when dims.Length > 1: return random.Next(2) == 0 ? dims[1] : 1L;
            case "auto_pad" or "seed" or "output_shape" or "output_padding" or "training_mode" or "storage_order" or "num_outputs"
                or "stash_type": return null;
        }
        if (attribute.Choices is { } choices) return random.Next(2) == 0 ? null : choices.ElementAt(random.Next(choices.Count()));
        if (attribute.ClrType == typeof(bool)) return (long)random.Next(2);
        return attribute.Kind switch { "int" when attribute.IsRequired => 1L, "float" when attribute.IsRequired => 1f, _ => null };
    }

    private static readonly ImmutableArray<DType> Types =
        [DType.Float32, DType.Float64, DType.Float16, DType.Int64, DType.Int32, DType.UInt8, DType.Int8, DType.Bool];

    private EquatableArray<long> Shuffled(int rank) => random.Next(4) == 0 ? Enumerable.Range(0, rank).Select(i => (long)i).ToEquatable()
        : Enumerable.Range(0, rank).OrderBy(_ => random.Next()).Select(i => (long)i).ToEquatable();

    private EquatableArray<long> List(int count, int least, int below) =>
        Enumerable.Range(0, count).Select(_ => (long)random.Next(least, below)).ToEquatable();
}
