namespace Nncc.Backends.Benchmarks;

/// <summary>How a model is measured.</summary>
public sealed record BenchmarkOptions
{
    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Threads of each engine.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Whether ONNX Runtime is measured beside emitted C#.</summary>
    public bool HasOnnxRuntime { get; init; } = true;

    /// <summary>Runs that each engine makes at least.</summary>
    public int Runs { get; init; } = 200;

    /// <summary>Seconds that each engine runs at least.</summary>
    public double Seconds { get; init; } = 5;

    /// <summary>Seconds after which measuring ends in any case.</summary>
    public double MostSeconds { get; init; } = 60;

    /// <summary>Whether the answers are compared with the wide evaluation, which takes as long as plain loops take.</summary>
    public bool HasErrors { get; init; } = true;

    /// <summary>Whether each layer is measured.</summary>
    public bool HasLayers { get; init; }

    /// <summary>Whether throughput is measured.</summary>
    public bool HasItems { get; init; }

    /// <summary>Seed of the made-up inputs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>A folder with inputs, whose first set is taken; null for made-up ones.</summary>
    public string? DataFolder { get; init; }

    /// <summary>The file that the model was read from, which ONNX Runtime loads; null to write it anew for that.</summary>
    public string? ModelPath { get; init; }

    /// <summary>Told what comes next; null for nobody.</summary>
    public Action<string>? Progress { get; init; }
}
