using System.Runtime.InteropServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Working memory of a model's instance: zeros at first, aligned to 64 bytes, freed when nobody runs in it any more, at the latest when it
/// is collected.
/// </summary>
internal sealed unsafe class Arena : SafeHandle
{
    private int taken;

    /// <summary>New memory.</summary>
    public Arena(long bytes) : base(0, ownsHandle: true)
    {
        nuint size = (nuint)Math.Max(64, bytes);
        handle = (nint)NativeMemory.AlignedAlloc(size, 64);
        NativeMemory.Clear((void*)handle, size);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The memory, for one run; <see cref="Return"/> must follow.</summary>
    /// <exception cref="ObjectDisposedException">It was freed.</exception>
    /// <exception cref="InvalidOperationException">A run has it already.</exception>
    public byte* Take()
    {
        if (Interlocked.Exchange(ref taken, 1) != 0)
            throw new InvalidOperationException("the model runs already: an instance runs once at a time; make one for each thread, they "
                + "share weights");
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
        }
        finally
        {
            if (!isHeld) Volatile.Write(ref taken, 0);
        }
        return (byte*)handle;
    }

    /// <summary>Ends a run.</summary>
    public void Return()
    {
        DangerousRelease();
        Volatile.Write(ref taken, 0);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
