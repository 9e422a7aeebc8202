namespace Nncc.IR;

/// <summary>The answer to a question about symbolic sizes. A rewrite acts on proofs only, never on <see cref="Unknown"/>.</summary>
public enum Answer
{
    /// <summary>Neither proven nor refuted.</summary>
    Unknown,
    /// <summary>Proven.</summary>
    Yes,
    /// <summary>Refuted: the opposite is proven.</summary>
    No,
}
