using System.Runtime.CompilerServices;

namespace Nncc.Backends.Calibration;

/// <summary>Calls of a method that takes what kernels take and does nothing.</summary>
internal static unsafe class CallProbe
{
    /// <summary>Makes so many calls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Calls(int count)
    {
        // Places that are never read.
        float* arena = null, weights = arena + 64;
        for (int i = 0; i < count; i++) Nothing(arena + i, arena + 64, weights + i, weights + 64, i, i + 1, i + 2, i + 3, i + 4, i + 5);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Nothing(float* y, float* x, float* w, float* b, nint rows, nint columns, nint k, nint ldc, nint lda, nint step)
    {
    }
}
