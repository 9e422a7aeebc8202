using Nncc.Backends.OnnxRuntime;

namespace Nncc.Tests.Support;

/// <summary>The ONNX Runtime library of the checkout, for tests that are <see cref="Needs.OnnxRuntime"/>.</summary>
internal static class Judge
{
    private static readonly Lazy<OrtLibrary> Loaded = new(() => OrtLibrary.Load(null, Repository.Root));

    /// <summary>The library.</summary>
    public static OrtLibrary Library => Loaded.Value;

    /// <summary>A session with one thread, as tests run side by side.</summary>
    public static OrtSession Open(byte[] model, OrtOptimization optimization = OrtOptimization.All) =>
        OrtSession.Open(Library, model, OneThread with { Optimization = optimization });

    /// <summary>As the other, for a file.</summary>
    public static OrtSession Open(string path, OrtOptimization optimization = OrtOptimization.All) =>
        OrtSession.Open(Library, path, OneThread with { Optimization = optimization });

    private static OrtSessionOptions OneThread => new() { IntraOpThreads = 1, InterOpThreads = 1 };
}
