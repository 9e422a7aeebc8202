namespace Nncc.Passes;

/// <summary>Yes, or no with the reason in words.</summary>
/// <param name="Reason">Why not; null for yes.</param>
public readonly record struct Verdict(string? Reason)
{
    /// <summary>Yes.</summary>
    public static Verdict Yes => default;

    /// <summary>No, because.</summary>
    public static Verdict No(string reason) => new(reason);

    /// <summary>Whether it is yes.</summary>
    public bool IsYes => Reason is null;
}
