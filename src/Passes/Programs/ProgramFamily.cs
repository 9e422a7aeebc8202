using System.Collections.Immutable;

namespace Nncc.Passes.Programs;

/// <summary>
/// Programs of one model for several targets, with their weights in one file: what two of them pack alike is stored once. A program alone
/// is a family of one.
/// </summary>
/// <param name="Members">The programs, the widest vectors first; their weights lie where <see cref="Weights"/> has them.</param>
/// <param name="Weights">The packed weights of all, in execution order of the first that needs them.</param>
/// <param name="WeightBytes">Bytes of all packed weights.</param>
public sealed record ProgramFamily(ImmutableArray<ModelProgram> Members, ImmutableArray<PackedWeight> Weights, long WeightBytes)
{
    /// <summary>The first member, whose ports and name are those of all.</summary>
    public ModelProgram First => Members[0];

    /// <summary>Bytes of working memory that are enough for each.</summary>
    public long ArenaBytes => Members.Max(m => m.ArenaBytes.Value!.Value);

    /// <summary>The family of programs of the same model.</summary>
    /// <param name="programs">At least one, with static sizes.</param>
    public static ProgramFamily Of(params ImmutableArray<ModelProgram> programs)
    {
        if (programs.Length == 1) return new(programs, programs[0].Weights, programs[0].WeightBytes);
        var weights = ImmutableArray.CreateBuilder<PackedWeight>();
        var places = new Dictionary<(Tensor?, WeightTransform), long>();
        long bytes = 0;
        var members = programs.OrderByDescending(p => p.Target.VectorBits).ThenByDescending(p => p.Target.Features.Count).Select(program =>
        {
            var buffers = program.Buffers.ToBuilder();
            var own = program.Weights.Select(weight =>
            {
                if (!places.TryGetValue((weight.Content, weight.Transform), out long offset))
                {
                    places[(weight.Content, weight.Transform)] = offset = bytes;
                    weights.Add(weight with { Offset = offset });
                    bytes = MemoryPlanner.Align(offset + weight.Bytes);
                }
                buffers[weight.Buffer] = buffers[weight.Buffer] with { Offset = offset };
                return weight with { Offset = offset };
            }).ToImmutableArray();
            return program with { Buffers = buffers.ToImmutable(), Weights = own };
        }).ToImmutableArray();
        return new(members, weights.ToImmutable(), bytes);
    }
}
