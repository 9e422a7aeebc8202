using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>Elementwise arithmetic on integer tensors whose elements are known as sizes.</summary>
internal static class KnownSizes
{
    /// <summary>The function of each; null where one gives null.</summary>
    public static ImmutableArray<Dim>? Map(ImmutableArray<Dim>? x, Func<Dim, Dim?> function)
    {
        if (x is null) return null;
        var result = ImmutableArray.CreateBuilder<Dim>(x.Value.Length);
        foreach (var item in x.Value)
        {
            if (Try(() => function(item)) is not { } size) return null;
            result.Add(size);
        }
        return result.MoveToImmutable();
    }

    /// <summary>The function of each pair of vectors or scalars that broadcast; null where one gives null.</summary>
    public static ImmutableArray<Dim>? Map(ImmutableArray<Dim>? x, ImmutableArray<Dim>? y, Func<Dim, Dim, Dim?> function)
    {
        if (x is not { } a || y is not { } b || Length(a, b) is not { } length) return null;
        var result = ImmutableArray.CreateBuilder<Dim>(length);
        for (int i = 0; i < length; i++)
        {
            int at = i;
            if (Try(() => function(a[a.Length == 1 ? 0 : at], b[b.Length == 1 ? 0 : at])) is not { } size) return null;
            result.Add(size);
        }
        return result.MoveToImmutable();
    }

    /// <summary>The answer as the size 0 or 1; null where it is unknown.</summary>
    public static Dim? Of(Answer answer) => answer == Answer.Unknown ? null : Dim.Of(answer == Answer.Yes ? 1 : 0);

    /// <summary>Whether a size is proven to be at least <paramref name="bound"/>.</summary>
    public static bool IsAtLeast(Dim size, long bound) => size.Bounds.Min >= bound;

    /// <summary>The sizes, unless one is a number that a tensor of this dtype would hold wrapped.</summary>
    public static ImmutableArray<Dim>? Within(DType dtype, ImmutableArray<Dim>? sizes) =>
        sizes is { } s && dtype == DType.Int32 && s.Any(size => size.Value is { } n && n != (int)n) ? null : sizes;

    // Numbers beyond 64 bits are no sizes: integers wrap at run time.
    private static Dim? Try(Func<Dim?> function)
    {
        try
        {
            return function();
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private static int? Length(ImmutableArray<Dim> a, ImmutableArray<Dim> b) =>
        a.Length == b.Length || b.Length == 1 ? a.Length : a.Length == 1 ? b.Length : null;
}
