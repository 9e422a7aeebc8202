using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Nncc.Backends.Benchmarks;

/// <summary>What probes do with vectors of one width; implemented by empty structs, so that loops are compiled for each width.</summary>
/// <typeparam name="TVector">The vector, or a number for scalar code.</typeparam>
internal unsafe interface IVectorLanes<TVector>
{
    /// <summary>Numbers in a vector.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes the same.</summary>
    static abstract TVector Create(float value);

    /// <summary>a * b + c, fused where the code of this width does so.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>Reads an aligned vector.</summary>
    static abstract TVector Load(float* place);

    /// <summary>Writes an aligned vector.</summary>
    static abstract void Store(float* place, TVector value);

    /// <summary>The first lane.</summary>
    static abstract float First(TVector a);
}

/// <summary>Work that is done with the lanes of a width.</summary>
/// <typeparam name="TResult">What it gives.</typeparam>
internal interface IVectorWork<out TResult>
{
    /// <summary>Does it.</summary>
    TResult With<TLanes, TVector>()
        where TLanes : struct, IVectorLanes<TVector>
        where TVector : struct;
}

/// <summary>The widths.</summary>
internal static class VectorLanes
{
    /// <summary>Does some work with the vectors of a target; where it has no fused multiply-add it multiplies and adds.</summary>
    public static TResult With<TResult>(int bits, bool hasFma, IVectorWork<TResult> work) => bits switch
    {
        512 => work.With<Lanes512, Vector512<float>>(),
        256 => work.With<Lanes256, Vector256<float>>(),
        128 when hasFma => work.With<Lanes128, Vector128<float>>(),
        128 => work.With<Lanes128Apart, Vector128<float>>(),
        _ => work.With<LaneApart, float>(),
    };

    private unsafe struct Lanes512 : IVectorLanes<Vector512<float>>
    {
        public static int Count => 16;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Create(float value) => Vector512.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
            Vector512.FusedMultiplyAdd(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector512<float> Load(float* place) => Vector512.LoadAligned(place);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* place, Vector512<float> value) => value.StoreAligned(place);

        public static float First(Vector512<float> a) => a[0];
    }

    private unsafe struct Lanes256 : IVectorLanes<Vector256<float>>
    {
        public static int Count => 8;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Create(float value) => Vector256.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
            Vector256.FusedMultiplyAdd(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<float> Load(float* place) => Vector256.LoadAligned(place);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* place, Vector256<float> value) => value.StoreAligned(place);

        public static float First(Vector256<float> a) => a[0];
    }

    private unsafe struct Lanes128 : IVectorLanes<Vector128<float>>
    {
        public static int Count => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) =>
            Vector128.FusedMultiplyAdd(a, b, c);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Load(float* place) => Vector128.LoadAligned(place);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* place, Vector128<float> value) => value.StoreAligned(place);

        public static float First(Vector128<float> a) => a[0];
    }

    private unsafe struct Lanes128Apart : IVectorLanes<Vector128<float>>
    {
        public static int Count => 4;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Create(float value) => Vector128.Create(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => a * b + c;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<float> Load(float* place) => Vector128.LoadAligned(place);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* place, Vector128<float> value) => value.StoreAligned(place);

        public static float First(Vector128<float> a) => a[0];
    }

    private unsafe struct LaneApart : IVectorLanes<float>
    {
        public static int Count => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Create(float value) => value;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float MultiplyAdd(float a, float b, float c) => a * b + c;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Add(float a, float b) => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static float Load(float* place) => *place;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* place, float value) => *place = value;

        public static float First(float a) => a;
    }
}
