using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>How far ONNX Runtime rewrites a model before it runs it.</summary>
public enum OrtOptimization
{
    /// <summary>Not at all.</summary>
    None = 0,
    /// <summary>What keeps the ops of ONNX: folding, removal of what does nothing.</summary>
    Basic = 1,
    /// <summary>Fusions into ops of its own as well.</summary>
    Extended = 2,
    /// <summary>Layouts as well.</summary>
    All = 99,
}

/// <summary>How a session is made. The defaults are those of ONNX Runtime.</summary>
public sealed record OrtSessionOptions
{
    /// <summary>Threads within a node; 0 leaves it to ONNX Runtime.</summary>
    public int IntraOpThreads { get; init; }

    /// <summary>Threads for nodes beside each other, where <see cref="IsParallel"/>; 0 leaves it to ONNX Runtime.</summary>
    public int InterOpThreads { get; init; }

    /// <summary>Whether independent nodes may run at the same time.</summary>
    public bool IsParallel { get; init; }

    /// <summary>How far the model is rewritten.</summary>
    public OrtOptimization Optimization { get; init; } = OrtOptimization.All;

    /// <summary>Where the rewritten model is written to; null for nowhere.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Whether memory is kept between runs.</summary>
    public bool HasMemoryArena { get; init; } = true;

    /// <summary>Whether the places of values are kept between runs of the same sizes.</summary>
    public bool HasMemoryPattern { get; init; } = true;

    /// <summary>The least serious messages that are collected.</summary>
    public OrtLogLevel LogLevel { get; init; } = OrtLogLevel.Warning;

    /// <summary>Sizes for named symbols of the inputs, fixed before the model is rewritten.</summary>
    public ImmutableSortedDictionary<string, long> Dims { get; init; } = ImmutableSortedDictionary<string, long>.Empty;

    /// <summary>Inner values, by name, that become outputs behind the model's own; see <see cref="OnnxRuntime.AddedOutputs"/>.</summary>
    public ImmutableArray<string> AddedOutputs { get; init; } = [];

    /// <summary>
    /// Further options by their key, such as <c>session.intra_op.allow_spinning</c> (see onnxruntime_session_options_config_keys.h).
    /// </summary>
    public ImmutableSortedDictionary<string, string> Config { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The options as ONNX Runtime's object.</summary>
    /// <exception cref="NnccException">One of them is refused (NNC6007).</exception>
    internal unsafe OrtHandle Create(OrtLibrary library, string logId)
    {
        var api = library.Api;
        nint options;
        Check(api.CreateSessionOptions(&options), "");
        var handle = new OrtHandle(api, OrtClass.SessionOptions, options);
        Check(api.SetIntraOpNumThreads(options, IntraOpThreads), nameof(IntraOpThreads));
        Check(api.SetInterOpNumThreads(options, InterOpThreads), nameof(InterOpThreads));
        Check(api.SetSessionExecutionMode(options, IsParallel ? 1 : 0), nameof(IsParallel));
        Check(api.SetSessionGraphOptimizationLevel(options, Optimization), nameof(Optimization));
        if (!HasMemoryArena) Check(api.DisableCpuMemArena(options), nameof(HasMemoryArena));
        // ONNX Runtime has no memory pattern for parallel execution and warns where both are asked for.
        if (!HasMemoryPattern || IsParallel) Check(api.DisableMemPattern(options), nameof(HasMemoryPattern));
        Check(api.SetSessionLogSeverityLevel(options, LogLevel), nameof(LogLevel));
        fixed (byte* id = OrtLibrary.Utf8(logId)) Check(api.SetSessionLogId(options, id), nameof(LogLevel));
        if (OptimizedModelPath is not null)
            fixed (byte* path = OrtLibrary.PathBytes(Path.GetFullPath(OptimizedModelPath)))
                Check(api.SetOptimizedModelFilePath(options, path), nameof(OptimizedModelPath));
        foreach (var (name, size) in Dims)
            fixed (byte* symbol = OrtLibrary.Utf8(name))
                Check(api.AddFreeDimensionOverrideByName(options, symbol, size), $"{nameof(Dims)} {name}");
        foreach (var (key, value) in Config)
            fixed (byte* k = OrtLibrary.Utf8(key))
            fixed (byte* v = OrtLibrary.Utf8(value))
                Check(api.AddSessionConfigEntry(options, k, v), $"{nameof(Config)} {key}");
        return handle;

        void Check(nint status, string option) =>
            api.Check(status, FaultCodes.OrtOption, option.Length == 0 ? null : $"session option {option}");
    }
}
