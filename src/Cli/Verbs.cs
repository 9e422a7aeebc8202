using System.Collections.Immutable;
using Nncc.Cli.Commands;

namespace Nncc.Cli;

/// <summary>The verbs, in the order of the help.</summary>
internal static class Verbs
{
    /// <summary>New instances of all verbs.</summary>
    public static ImmutableArray<Verb> All() =>
    [
        new CompileVerb(),
        new RunVerb(),
        new BenchVerb(),
        new CompareVerb(),
        new VerifyVerb(),
        new ConformanceVerb(),
        new InspectVerb(),
        new CountVerb(),
        new RooflineVerb(),
        new ScaleVerb(),
        new TrainCostVerb(),
        new GraphVerb(),
        new DumpVerb(),
        new ExtractVerb(),
        new BisectVerb(),
        new ReduceVerb(),
        new DiffVerb(),
        new ExplainVerb(),
        new RulesVerb(),
        new PassesVerb(),
        new PluginsVerb(),
        new NewVerb(),
        new ZooVerb(),
        new TargetsVerb(),
        new CalibrateVerb(),
        new CompletionVerb(),
        new VersionVerb(),
    ];
}
