namespace Nncc.Passes.Rules.Proofs;

/// <summary>Enumerates all sequences of choices that a program makes: it is run again and again, each time one choice further.</summary>
internal sealed class ChoiceTape
{
    private readonly List<(int Value, int Count)> choices = [];
    private int at;

    /// <summary>One of so many; the first ones that were not tried yet.</summary>
    public int Next(int count)
    {
        if (at == choices.Count) choices.Add((0, count));
        return choices[at++].Value;
    }

    /// <summary>One of those.</summary>
    public T Of<T>(IReadOnlyList<T> options) => options[Next(options.Count)];

    /// <summary>Goes on to the next sequence; false where all were seen.</summary>
    public bool Advance()
    {
        choices.RemoveRange(at, choices.Count - at);
        at = 0;
        while (choices.Count > 0)
        {
            var (value, count) = choices[^1];
            choices.RemoveAt(choices.Count - 1);
            if (value + 1 >= count) continue;
            choices.Add((value + 1, count));
            return true;
        }
        return false;
    }
}
