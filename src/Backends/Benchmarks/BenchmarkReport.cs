using System.Collections.Immutable;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Benchmarks;

/// <summary>What was measured of a model.</summary>
/// <param name="Target">The target of the emitted C#.</param>
/// <param name="Threads">Threads of each engine.</param>
/// <param name="Engines">Emitted C# and, where it was asked for, ONNX Runtime.</param>
/// <param name="Ratio">ONNX Runtime's time over that of emitted C#; null where it was not measured.</param>
/// <param name="Rounds">How the rounds went.</param>
/// <param name="Layers">Each layer; null where that was not asked for.</param>
/// <param name="Items">Throughput; empty where that was not asked for.</param>
public sealed record BenchmarkReport(TargetProfile Target, int Threads, ImmutableArray<EngineReport> Engines, RatioEstimate? Ratio,
    RoundReport Rounds, LayerReport? Layers, ImmutableArray<ItemRate> Items);

/// <summary>What was measured of one engine.</summary>
/// <param name="Engine"><c>nncc</c> or <c>onnxruntime</c>.</param>
/// <param name="Times">Times of the runs that count.</param>
/// <param name="AllocatedBytes">Bytes that a run allocates on .NET's heap.</param>
/// <param name="CompileMs">Milliseconds from the model as read to code; 0 for an engine that has no such step.</param>
/// <param name="LoadMs">Milliseconds until the first run could start.</param>
/// <param name="FirstRunMs">Milliseconds of the first run.</param>
/// <param name="Error">max|a-b| / max|b| of the worst output against the wide evaluation; null where they were not compared.</param>
/// <param name="RmsError">The root mean square of a-b over that of b, of the worst output of floats; null likewise.</param>
public sealed record EngineReport(string Engine, RunTimes Times, double AllocatedBytes, double CompileMs, double LoadMs, double FirstRunMs,
    double? Error, double? RmsError);

/// <summary>How the rounds of a measurement went.</summary>
/// <param name="Count">Number of rounds; each runs a block of every engine.</param>
/// <param name="Rejected">Rounds during which the machine's peak moved.</param>
/// <param name="IsDisturbed">Whether rejected rounds count nevertheless, since the machine was not quiet for long enough.</param>
/// <param name="LeastPeak">The lowest peak of one core during the rounds, in GFLOP/s.</param>
/// <param name="MostPeak">The highest.</param>
public sealed record RoundReport(int Count, int Rejected, bool IsDisturbed, double LeastPeak, double MostPeak);
