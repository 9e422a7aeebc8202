using System.Collections.Immutable;
using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Separable;

/// <summary>Two layers and what is between them, all of it used by nothing else.</summary>
/// <param name="From">The layer that gives the channels.</param>
/// <param name="Between">What they go through, in order.</param>
/// <param name="Into">The layer that takes them.</param>
internal sealed record ChannelChain(ChannelLayer From, ImmutableArray<ChannelLink> Between, ChannelLayer Into)
{
    /// <summary>The chain that ends in a layer; null with the reason where there is none.</summary>
    public static ChannelChain? Of(GraphEdit edit, ChannelLayer into, out string? reason)
    {
        var links = new List<ChannelLink>();
        int value = into.Node.Inputs[0];
        if (edit[value].Type is not TensorType { Shape: { } x })
        {
            reason = "the rank of its operand is not known";
            return null;
        }
        int axis = into.ChannelAxis(x.Rank);
        while (true)
        {
            reason = edit.UseCount(value) != 1 || edit.IsOutput(value) ? $"\"{edit[value].Name}\" is used elsewhere too"
                : edit.Producer(value) is null ? $"\"{edit[value].Name}\" is an input" : null;
            if (reason is not null) return null;
            var producer = edit.Producer(value)!;
            if (ChannelLayer.Of(edit, producer) is { } from
                && edit[value].Type is TensorType { Shape: { } given } && from.ChannelAxis(given.Rank) == axis)
                return new ChannelChain(from, [.. links.AsEnumerable().Reverse()], into);
            if (ChannelLink.Of(edit, producer, axis) is not { } link || (link.Run > 1 && links.Any(l => l.Axis != 1)))
            {
                reason = $"its channels come through {producer.Place}";
                return null;
            }
            links.Add(link);
            value = producer.Inputs[link.Operand];
        }
    }

    /// <summary>
    /// Which channels of the first layer are needed, and what the others always are where they reach the second. One at least is kept.
    /// </summary>
    public bool[] Needed(GraphEdit edit, out double[] constants)
    {
        constants = Between.Aggregate(From.Constants(), (channels, link) => link.Through(edit, channels));
        var unread = Into.Unread();
        int run = Into.Incoming / From.Outgoing;
        var needed = new bool[From.Outgoing];
        bool takesAny = !Into.IsPadded && Into.Node.Op is not MatMul;
        for (int c = 0; c < needed.Length; c++)
        {
            bool isRead = unread.AsSpan(c * run, run).Contains(false);
            needed[c] = isRead && constants[c] != 0 && !(takesAny && double.IsFinite(constants[c]));
        }
        if (!needed.Contains(true)) needed[0] = true;
        return needed;
    }

    /// <summary>Puts the chain in with the needed channels alone.</summary>
    /// <returns>The results of both layers.</returns>
    public (int From, int Into) Cut(GraphEdit edit, bool[] needed, double[] constants, Provenance origin)
    {
        int run = Into.Incoming / From.Outgoing, from = From.WithOutgoing(edit, needed, origin), value = from;
        foreach (var link in Between) value = link.Copy(edit, value, needed, origin);
        return (from, Into.WithIncoming(edit, value, [.. needed.SelectMany(k => Enumerable.Repeat(k, run))],
            [.. constants.SelectMany(c => Enumerable.Repeat(c, run))], origin));
    }
}
