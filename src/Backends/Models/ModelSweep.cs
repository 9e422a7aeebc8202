using System.Collections.Immutable;
using System.Globalization;
using Nncc.Passes.Counting;

namespace Nncc.Backends.Models;

/// <summary>A size of a model's inputs that runs over a range.</summary>
/// <param name="Name">
/// <c>batch</c> (the first size of all inputs), <c>resolution</c> (both sides of image inputs), or a symbol of the model's shapes.
/// </param>
/// <param name="Values">The values, ascending.</param>
public sealed record ModelSweep(string Name, ImmutableArray<long> Values)
{
    private const string BatchName = "batch", ResolutionName = "resolution";
    private const int Most = 256, ResolutionStep = 32;

    /// <summary>
    /// Reads <c>NAME=FROM..TO</c> or <c>NAME=FROM..TO:STEP</c>. Without a step a resolution goes by 32 and everything else doubles.
    /// </summary>
    /// <exception cref="NnccException">The text is not of this form, or the range is empty or very long.</exception>
    public static ModelSweep Parse(string text)
    {
        int equals = text.LastIndexOf('='), dots = text.IndexOf("..", equals + 1, StringComparison.Ordinal);
        int colon = text.IndexOf(':', Math.Max(dots, 0));
        if (equals <= 0 || dots < 0 || Number(text[(equals + 1)..dots]) is not { } from
            || Number(colon < 0 ? text[(dots + 2)..] : text[(dots + 2)..colon]) is not { } to)
            throw Wrong(text, "is no range");
        long? step = colon < 0 ? null : Number(text[(colon + 1)..]) ?? throw Wrong(text, "has a step that is no number above 0");
        string name = text[..equals];
        if (name == ResolutionName) step ??= ResolutionStep;
        var values = ImmutableArray.CreateBuilder<long>();
        for (long value = from; value <= to; value = step is { } by ? value + by : value * 2)
        {
            values.Add(value);
            if (values.Count > Most) throw Wrong(text, $"has more than {Most} values");
        }
        return values.Count > 0 ? new(name, values.ToImmutable()) : throw Wrong(text, "is empty");
    }

    /// <summary>The count of a model at one value of the range.</summary>
    /// <exception cref="NnccException">The model does not take the value, or does not get to the stage.</exception>
    public ModelCount At(Compiler compiler, Model model, long value, string stage, CancellationToken cancellation = default)
    {
        var graph = model.Graph;
        bool isSymbol = graph.Inputs.SelectMany(i => graph[i.Value].Type.Symbols).Contains(Name);
        if (isSymbol)
        {
            var passes = compiler.Options.Passes;
            compiler = compiler.With(compiler.Options with { Passes = passes with { Dims = passes.Dims.SetItem(Name, value) } });
        }
        else if (Name == BatchName) model = ModelScaling.WithShapes(model, ModelScaling.Batch(graph, value));
        else if (Name == ResolutionName) model = ModelScaling.WithShapes(model, ModelScaling.Resolution(graph, value, value));
        else throw new NnccException(FaultCodes.UnknownName, $"no size of the model's inputs is called \"{Name}\"",
            advice: Suggestion.For(Name, graph.Inputs.SelectMany(i => graph[i.Value].Type.Symbols).Distinct().Append(BatchName)
                .Append(ResolutionName), "there are"));
        return StageCounts.At(compiler, model, stage, new CountOptions(), cancellation);
    }

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0 ? number : null;

    private static NnccException Wrong(string text, string what) =>
        new(FaultCodes.Usage, $"\"{text}\" {what}", "--sweep", "write --sweep batch=1..32 or --sweep resolution=128..384:64");
}
