using System.Diagnostics;
using Nncc.Backends.OnnxRuntime;

namespace Nncc.Tests.Support;

/// <summary>What a test needs and may not find; then it is skipped with a reason, and .ci/run fails for it.</summary>
[Flags]
internal enum Needs
{
    /// <summary>The optional test data beside the checkout.</summary>
    Shared = 1,
    /// <summary>The ONNX Runtime library, which ./test installs.</summary>
    OnnxRuntime = 2,
    /// <summary>Debian's python3-onnx.</summary>
    PythonOnnx = 4,
}

/// <summary>A fact that is skipped where something it needs is absent.</summary>
internal sealed class FactNeedingAttribute : FactAttribute
{
    public FactNeedingAttribute(Needs needs) => Skip = Need.Missing(needs);
}

/// <summary>A theory that is skipped as a whole where something it needs is absent; its data is not asked for then.</summary>
internal sealed class TheoryNeedingAttribute : TheoryAttribute
{
    public TheoryNeedingAttribute(Needs needs) => Skip = Need.Missing(needs);
}

/// <summary>Looks for what tests need.</summary>
internal static class Need
{
    private static readonly Lazy<bool> PythonOnnx = new(HasPythonOnnx);

    /// <summary>The first of these that is absent, as a reason to skip; null where all are there.</summary>
    public static string? Missing(Needs needs)
    {
        if (needs.HasFlag(Needs.Shared) && !Directory.Exists(Path.Combine(Repository.Shared, "models")))
            return "the optional test data beside the checkout (../shared) is absent";
        if (needs.HasFlag(Needs.OnnxRuntime) && OrtLocator.Find(null, Repository.Root) is null)
            return "the ONNX Runtime library is absent (./test installs it where there is npm)";
        if (needs.HasFlag(Needs.PythonOnnx) && !PythonOnnx.Value) return "Debian's python3-onnx is absent";
        return null;
    }

    private static bool HasPythonOnnx()
    {
        const string python = "/usr/bin/python3";
        if (!File.Exists(python)) return false;
        using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import onnx"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
