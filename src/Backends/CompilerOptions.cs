using Nncc.Backends.CSharp;
using Nncc.Backends.OnnxRuntime;
using Nncc.Passes;
using Nncc.Passes.Targets;

namespace Nncc.Backends;

/// <summary>What a caller decides about a <see cref="Compiler"/>. The defaults give a program for x64 processors with AVX2.</summary>
public sealed record CompilerOptions
{
    /// <summary>Sizes and limits for the passes.</summary>
    public CompileOptions Passes { get; init; } = new();

    /// <summary>Folders with rules of the user.</summary>
    public EquatableArray<string> RuleFolders { get; init; }

    /// <summary>Assemblies of plugins.</summary>
    public EquatableArray<string> Plugins { get; init; }

    /// <summary>Numbers the steps of the next compilation, limits and hears of them; null to count only.</summary>
    public StepLog? Steps { get; init; }

    /// <summary>The clock by which the profile of this machine is chosen among equals; null to measure nothing.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>Name of the target profile; <see cref="HostTarget.Name"/> for the best that this machine runs.</summary>
    public string Target { get; init; } = "cpu-avx2";

    /// <summary>Name of the fusion strategy.</summary>
    public string Strategy { get; init; } = "rules";

    /// <summary>A file with the plan of kernels, in place of the strategy; null for none.</summary>
    public string? PlanFile { get; init; }

    /// <summary>Names and form of emitted C#.</summary>
    public CSharpOptions CSharp { get; init; } = new();

    /// <summary>Opset and form of emitted ONNX.</summary>
    public OnnxOptions Onnx { get; init; } = new();

    /// <summary>Where ONNX Runtime is found and how it runs.</summary>
    public OnnxRuntimeOptions OnnxRuntime { get; init; } = new();

    /// <summary>Takes what the user may want to know; null for nobody.</summary>
    public Action<Notice>? Notify { get; init; }

    /// <summary>Called after each pass; null for nobody.</summary>
    public Action<PassReport>? Observe { get; init; }

    /// <summary>The file that takes the graph before a pass that fails by a mistake of nncc; null for none.</summary>
    public string? ReproducerPath { get; init; }
}

/// <summary>Opset and form of emitted ONNX.</summary>
/// <param name="Opset">The opset of ai.onnx, as a demand; null for the smallest that is at least the model's and holds the graph.</param>
/// <param name="ExternalData">Whether weights go into a file beside the model even if the model would hold them.</param>
/// <param name="Runtime">Name of the runtime that the model is for; null for any.</param>
public sealed record OnnxOptions(int? Opset = null, bool ExternalData = false, string? Runtime = null);

/// <summary>Where ONNX Runtime is found and how it runs.</summary>
/// <param name="Library">The shared library or its folder; null to look in the usual places.</param>
/// <param name="Roots">Folders that may hold the npm package, such as the root of a checkout.</param>
/// <param name="Session">Options of sessions; null for ONNX Runtime's defaults.</param>
public sealed record OnnxRuntimeOptions(string? Library = null, EquatableArray<string> Roots = default, OrtSessionOptions? Session = null);
