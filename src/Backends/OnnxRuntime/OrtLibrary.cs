using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>
/// The loaded shared library with its environment. There is one instance for a path in a process; it is never unloaded. Safe to
/// use from several threads.
/// </summary>
public sealed unsafe class OrtLibrary
{
    private static readonly ConcurrentDictionary<string, Lazy<OrtLibrary>> Loaded = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, OrtLog> logs = new(StringComparer.Ordinal);
    private readonly OrtLog ownLog = new();
    private readonly Dictionary<DType, int> numbers;
    private int sessions;

    private OrtLibrary(string path)
    {
        Path = path;
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new NnccException(FaultCodes.OrtVersion, $"\"{path}\" cannot be loaded: {e.Message.ReplaceLineEndings(" ")}",
                advice: "give the library for this operating system and processor");
        }
        if (!NativeLibrary.TryGetExport(library, "OrtGetApiBase", out nint entry))
            throw new NnccException(FaultCodes.OrtVersion, $"\"{path}\" is not ONNX Runtime: it has no function OrtGetApiBase");
        // OrtApiBase: a function from version to table, and one that gives the version's text.
        nint* functions = ((delegate* unmanaged<nint*>)entry)();
        Version = Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)functions[1])()) ?? "";
        // An old library complains to the console when it is asked for a newer table, so its version is looked at first.
        bool isKnown = System.Version.TryParse(Version, out var parsed) && (parsed.Major > 1 || parsed.Minor >= OrtApi.Version);
        nint* table = isKnown ? ((delegate* unmanaged<uint, nint*>)functions[0])(OrtApi.Version) : null;
        if (table is null)
            throw new NnccException(FaultCodes.OrtVersion,
                $"\"{path}\" is ONNX Runtime {Version}, and nncc needs 1.{OrtApi.Version} or later");
        Api = new OrtApi(table);
        nint environment, allocator, memory;
        // The environment keeps this object for good, as it keeps the library.
        nint self = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        delegate* unmanaged<nint, OrtLogLevel, byte*, byte*, byte*, byte*, void> collect = &Collect;
        fixed (byte* id = "nncc\0"u8)
            Api.Check(Api.CreateEnvWithCustomLogger((nint)collect, self, OrtLogLevel.Warning, id, &environment), FaultCodes.OrtVersion);
        Api.Check(Api.GetAllocatorWithDefaultOptions(&allocator), FaultCodes.OrtVersion);
        // 0, 0: plain memory of the processor, not an arena.
        Api.Check(Api.CreateCpuMemoryInfo(0, 0, &memory), FaultCodes.OrtVersion);
        (Environment, Allocator, CpuMemory) = (environment, allocator, memory);
        numbers = OrtTypes.ProbeNumbers(Api, allocator);
    }

    /// <summary>Where the library was loaded from.</summary>
    public string Path { get; }

    /// <summary>Its version, such as 1.30.0.</summary>
    public string Version { get; }

    /// <summary>How it was built, in its own words.</summary>
    public string BuildInfo => Marshal.PtrToStringUTF8((nint)Api.GetBuildInfoString()) ?? "";

    /// <summary>Messages that belong to no session.</summary>
    public ImmutableArray<OrtLogMessage> Messages => ownLog.Messages;

    internal OrtApi Api { get; }

    internal nint Environment { get; }

    internal nint Allocator { get; }

    internal nint CpuMemory { get; }

    /// <summary>Loads the library; see <see cref="OrtLocator"/> for the places.</summary>
    /// <exception cref="NnccException">It is not there (NNC6001), or is not a library that can be used (NNC6002).</exception>
    public static OrtLibrary Load(string? explicitPath = null, params IEnumerable<string> roots) =>
        Loaded.GetOrAdd(OrtLocator.Require(explicitPath, roots), path => new Lazy<OrtLibrary>(() => new OrtLibrary(path))).Value;

    /// <summary>The number that makes a tensor of an element type.</summary>
    internal int Number(DType dtype) => numbers.GetValueOrDefault(dtype, (int)dtype);

    /// <summary>A new place for a session's messages and the id under which they come.</summary>
    internal (string Id, OrtLog Log) OpenLog()
    {
        string id = $"nncc-{Interlocked.Increment(ref sessions)}";
        return (id, logs.GetOrAdd(id, _ => new OrtLog()));
    }

    /// <summary>Messages under that id go to <see cref="Messages"/> from now on.</summary>
    internal void CloseLog(string id) => logs.TryRemove(id, out _);

    /// <summary>A string that the default allocator gave, which is freed.</summary>
    internal string TakeString(byte* text)
    {
        string result = Marshal.PtrToStringUTF8((nint)text) ?? "";
        Api.Check(Api.AllocatorFree(Allocator, text), FaultCodes.OrtRun);
        return result;
    }

    /// <summary>Zero-terminated UTF-8.</summary>
    internal static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text + '\0');

    /// <summary>A path as the API takes it on this system.</summary>
    internal static byte[] PathBytes(string path) => OperatingSystem.IsWindows() ? Encoding.Unicode.GetBytes(path + '\0') : Utf8(path);

    [UnmanagedCallersOnly]
    private static void Collect(nint self, OrtLogLevel level, byte* category, byte* id, byte* location, byte* message)
    {
        if (GCHandle.FromIntPtr(self).Target is not OrtLibrary library) return;
        string text = Marshal.PtrToStringUTF8((nint)message) ?? "";
        var log = library.logs.GetValueOrDefault(Marshal.PtrToStringUTF8((nint)id) ?? "", library.ownLog);
        log.Add(new OrtLogMessage(level, text));
    }
}
