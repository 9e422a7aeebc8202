using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>
/// A run with its names, inputs and places for outputs laid out once, so that an execution is one call into the library. Not for
/// several threads at a time. It keeps the session, inputs and given outputs alive until it is disposed of.
/// </summary>
public sealed unsafe class OrtRun : IDisposable
{
    private readonly OrtLibrary library;
    private readonly string place;
    private readonly nint session;
    private readonly List<SafeHandle> kept = [];
    private readonly OrtValue?[] given;
    private readonly OrtValue?[] made;
    private readonly nuint inputCount;
    private readonly byte** names;   // of inputs, then of outputs
    private readonly nint* values;   // likewise
    private bool isDisposed;

    internal OrtRun(OrtLibrary library, OrtHandle sessionHandle, string place,
        IReadOnlyList<(string Name, OrtValue Value)> inputs, IReadOnlyList<(string Name, OrtValue? Value)> outputs)
    {
        (this.library, this.place) = (library, place);
        Keep(sessionHandle);
        session = sessionHandle.Pointer;
        inputCount = (nuint)inputs.Count;
        Names = [.. outputs.Select(o => o.Name)];
        given = [.. outputs.Select(o => o.Value)];
        made = new OrtValue?[outputs.Count];
        int count = inputs.Count + outputs.Count;
        names = (byte**)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(byte*));
        values = (nint*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(nint));
        for (int i = 0; i < count; i++)
        {
            var (name, value) = i < inputs.Count ? inputs[i] : outputs[i - inputs.Count];
            names[i] = (byte*)Marshal.StringToCoTaskMemUTF8(name);
            if (value is null) continue;
            Keep(value.Handle);
            values[i] = value.Pointer;
        }
    }

    /// <summary>Frees what the caller forgot.</summary>
    ~OrtRun() => Free();

    /// <summary>Names of the outputs, in the order asked for.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Runs the model. Outputs that were made by the last execution are freed.</summary>
    /// <exception cref="NnccException">ONNX Runtime failed (NNC6005).</exception>
    /// <exception cref="OperationCanceledException">The run was ended.</exception>
    public void Execute(CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        cancellation.ThrowIfCancellationRequested();
        for (int i = 0; i < made.Length; i++)
        {
            if (made[i] is not { } old) continue;
            old.Dispose();
            made[i] = null;
            values[(int)inputCount + i] = 0;
        }
        if (cancellation.CanBeCanceled) ExecuteCancellable(cancellation);
        else Call(0);
        for (int i = 0; i < made.Length; i++)
            if (given[i] is null) made[i] = new OrtValue(library, values[(int)inputCount + i]);
    }

    /// <summary>An output of the last execution; one that was made by it is freed by the next one.</summary>
    public OrtValue Output(int index) => given[index] ?? made[index] ?? throw new InvalidOperationException("the run was not executed");

    /// <summary>An output that the last execution made; it is the caller's from now on.</summary>
    internal OrtValue Take(int index)
    {
        var value = made[index] ?? throw new InvalidOperationException("the run was not executed");
        made[index] = null;
        values[(int)inputCount + index] = 0;
        return value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var value in made) value?.Dispose();
        Free();
        GC.SuppressFinalize(this);
    }

    private void ExecuteCancellable(CancellationToken cancellation)
    {
        nint created;
        library.Api.Check(library.Api.CreateRunOptions(&created), FaultCodes.OrtRun, place);
        nint options = created;
        using var owned = new OrtHandle(library.Api, OrtClass.RunOptions, options);
        // Disposing of the registration waits for its callback, so that the options outlive it.
        using var registration = cancellation.Register(() =>
            library.Api.Check(library.Api.RunOptionsSetTerminate(options), FaultCodes.OrtRun, place));
        try
        {
            Call(options);
        }
        catch (NnccException e) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancellation);
        }
    }

    private void Call(nint options) => library.Api.Check(library.Api.Run(session, options, names, values, inputCount,
        names + inputCount, (nuint)Names.Length, values + inputCount), FaultCodes.OrtRun, place);

    private void Keep(SafeHandle handle)
    {
        bool added = false;
        handle.DangerousAddRef(ref added);
        kept.Add(handle);
    }

    private void Free()
    {
        if (isDisposed) return;
        isDisposed = true;
        foreach (var handle in kept) handle.DangerousRelease();
        if (names is null) return;
        for (int i = 0; i < (int)inputCount + Names.Length; i++) Marshal.FreeCoTaskMem((nint)names[i]);
        NativeMemory.Free(names);
        NativeMemory.Free(values);
    }
}
