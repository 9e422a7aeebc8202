namespace Nncc.IR.Ops;

/// <summary>
/// An op of nncc's own domain: work that models spell out in several ops and that ONNX has no op for. Rules recognize it. No file holds it:
/// it leaves as its body, and backends that do not compute it get the same.
/// </summary>
public abstract record Idiom : Op
{
    /// <summary>The domain.</summary>
    internal const string OwnDomain = "nncc";

    /// <inheritdoc/>
    public override string Domain => OwnDomain;

    /// <summary>Describes an idiom with its body.</summary>
    private protected static OpDefinition Define<T>(string inputs, Func<FormBody, string?> body) where T : Idiom =>
        OpDefinition.For<T>(inputs, "Y", [1], OwnDomain).WithBody(body, since: 1);
}
