using System.Collections.Immutable;

namespace Nncc.IR.Text;

/// <summary>
/// Reads graphs in the .nnir form that <see cref="Printer"/> writes (README.md of this folder). Faults have line and column, and as many as
/// can be told apart are reported at once. What is read is well formed (values defined before use, once); the rest is the
/// <see cref="Verifier"/>'s to check. Memory and time are bounded by the length of the text.
/// </summary>
public static class Parser
{
    /// <summary>The graph that the text denotes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="ops">The ops that may occur.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <exception cref="NnccException">The text is no graph.</exception>
    public static Graph Parse(string text, OpRegistry ops, string source = "text")
    {
        var session = new ParseSession(text, ops, source);
        var graph = session.Run();
        return graph is not null && session.Faults.Count == 0 ? graph : throw new NnccException(session.Faults.ToImmutable());
    }
}

/// <summary>What the parts of a reading share: the place in the text, the ops, symbols, data and faults.</summary>
internal sealed class ParseSession
{
    private const int FaultLimit = 50;

    private readonly string source;
    private readonly SortedDictionary<string, Dim> symbols = new(StringComparer.Ordinal);
    private readonly Lazy<int[]> lineStarts;
    private long idBudget;

    public ParseSession(string text, OpRegistry ops, string source)
    {
        (Ops, this.source) = (ops, source);
        Data = new DataReader(text);
        Cursor = new Cursor(text, Data.GraphEnd);
        idBudget = (1 << 24) + (long)text.Length;
        lineStarts = new(() => [0, .. Enumerable.Range(0, text.Length).Where(i => text[i] == '\n').Select(i => i + 1)]);
    }

    public OpRegistry Ops { get; }

    public Cursor Cursor { get; }

    public DataReader Data { get; }

    public ImmutableArray<Fault>.Builder Faults { get; } = ImmutableArray.CreateBuilder<Fault>();

    /// <summary>Whether so much is wrong that reading on says nothing new.</summary>
    public bool IsHopeless => Faults.Count >= FaultLimit;

    public Graph? Run()
    {
        try
        {
            foreach (var fault in Data.Faults) Add(fault);
            ReadHead();
            var graph = new GraphReader(this, Stage.Imported, 0).Read();
            if (!IsHopeless && !Cursor.IsAtEnd) throw Cursor.Unexpected("the end of the text");
            return graph;
        }
        catch (TextFault fault)
        {
            Add(fault);
            return null;
        }
    }

    /// <summary>The symbol of that name with its bounds.</summary>
    public Dim Symbol(string name) => symbols.TryGetValue(name, out var symbol) ? symbol : symbols[name] = Dim.Symbol(name);

    /// <summary>Takes ids of a graph off what the whole text may have: tables are as long as the greatest id.</summary>
    public void Spend(int ids, int offset)
    {
        if ((idBudget -= ids) < 0) throw new TextFault(offset, "the ids of values and nodes are too large for a text of this length");
    }

    public void Add(TextFault fault) => Add(FaultCodes.Text, fault.Offset, fault.Message, fault.Advice);

    public void Add(FaultCode code, int offset, string message, string? advice = null)
    {
        if (IsHopeless) return;
        if (Data.IsElided && offset >= Data.GraphEnd) code = FaultCodes.TextElided;
        int line = Array.BinarySearch(lineStarts.Value, offset);
        if (line < 0) line = ~line - 1;
        var fault = new Fault(code, message, $"{source}:{line + 1}:{offset - lineStarts.Value[line] + 1}", advice);
        if (!Faults.Contains(fault)) Faults.Add(fault);
    }

    private void ReadHead()
    {
        int start = Cursor.At;
        if (!Cursor.AcceptWord("nnir")) throw new TextFault(start, "the text does not start with \"nnir 1\"", "is it a .nnir file?");
        if (Cursor.Integer("the version") is var version and not 1)
            throw new TextFault(start, $"version {version} of the form is not known, only 1 is");
        while (Cursor.AcceptWord("dim")) ReadBounds();
    }

    // dim N = 1..512, dim N = 1..
    private void ReadBounds()
    {
        int start = Cursor.At;
        if (Cursor.Size(Symbol).SymbolName is not { } name) throw new TextFault(start, "expected the name of a size");
        Cursor.Expect('=');
        var digits = Cursor.Number().ToString().Split("..");
        if (digits.Length != 2 || !long.TryParse(digits[0], out long min) || !TryMaximum(digits[1], out long max) || min > max)
            throw new TextFault(start, $"expected the bounds of {name}, such as 1..512 or 1..");
        symbols[name] = Dim.Symbol(name, min, max);
    }

    private static bool TryMaximum(string text, out long max)
    {
        max = long.MaxValue;
        return text.Length == 0 || long.TryParse(text, out max);
    }
}
