namespace Nncc.Passes;

/// <summary>Something the user may want to know or change that is no fault: a fold that was too large, for example.</summary>
/// <param name="Pass">Name of the pass.</param>
/// <param name="Message">What happened, with the actual figures.</param>
/// <param name="Place">Where: a node; null where the message says it.</param>
/// <param name="Advice">The option that changes it; null where there is none.</param>
public sealed record Notice(string Pass, string Message, string? Place = null, string? Advice = null)
{
    /// <summary>One or two lines, as faults are printed.</summary>
    public override string ToString() =>
        $"note: {Pass}: {Message}{(Place is null ? "" : $" ({Place})")}{(Advice is null ? "" : $"\n  hint: {Advice}")}";
}
