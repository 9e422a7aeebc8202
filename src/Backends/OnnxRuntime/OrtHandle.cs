using System.Runtime.InteropServices;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>Owns an object of ONNX Runtime and frees it once, also where nobody disposes of it.</summary>
internal sealed unsafe class OrtHandle : SafeHandle
{
    private readonly delegate* unmanaged<nint, void> release;

    /// <summary>Takes over an object of that class.</summary>
    public OrtHandle(OrtApi api, OrtClass kind, nint pointer) : base(0, ownsHandle: true)
    {
        release = api.Release(kind);
        SetHandle(pointer);
    }

    /// <summary>The object; keep this alive while it is used.</summary>
    public nint Pointer => IsClosed ? throw new ObjectDisposedException(nameof(OrtHandle)) : handle;

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        release(handle);
        return true;
    }
}
