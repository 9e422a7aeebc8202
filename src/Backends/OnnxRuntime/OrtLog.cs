using System.Collections.Immutable;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>How serious a message of ONNX Runtime is.</summary>
public enum OrtLogLevel
{
    /// <summary>For its developers.</summary>
    Verbose,
    /// <summary>What it does.</summary>
    Info,
    /// <summary>Something is suspicious.</summary>
    Warning,
    /// <summary>Something failed.</summary>
    Error,
    /// <summary>It cannot go on.</summary>
    Fatal,
}

/// <summary>A message of ONNX Runtime.</summary>
/// <param name="Level">How serious.</param>
/// <param name="Text">What it says.</param>
public sealed record OrtLogMessage(OrtLogLevel Level, string Text);

/// <summary>Collects messages, from any thread; beyond a limit the rest is only counted.</summary>
internal sealed class OrtLog
{
    private const int Limit = 10_000;
    private readonly Lock gate = new();
    private readonly List<OrtLogMessage> messages = [];
    private long left;

    /// <summary>Takes a message.</summary>
    public void Add(OrtLogMessage message)
    {
        lock (gate)
        {
            if (messages.Count < Limit) messages.Add(message);
            else left++;
        }
    }

    /// <summary>The messages so far, in the order of arrival; the last one says how many were left out, if any.</summary>
    public ImmutableArray<OrtLogMessage> Messages
    {
        get
        {
            lock (gate)
                return left == 0 ? [.. messages]
                    : [.. messages, new OrtLogMessage(OrtLogLevel.Info, $"{left} further messages were left out")];
        }
    }
}
