using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// How kernels over images in blocks of channels are cut into bands of rows. Their numbers are, from the number of rows on: rows, columns,
/// steps of the result from image to image, plane to plane and row to row, its halo above, below, to the left and right, and, where they
/// read an image in blocks, the steps of that from image to image and plane to plane.
/// </summary>
internal static class BlockedBands
{
    /// <summary>The call as one that may be cut into bands; as it is for several images.</summary>
    /// <param name="plan">The call, whose first argument is the result.</param>
    /// <param name="y">How the result lies.</param>
    /// <param name="rows">The argument that is the number of rows.</param>
    /// <param name="epilogue">What follows.</param>
    /// <param name="first">The argument that is the epilogue's first.</param>
    /// <param name="pointers">Other pointers that move: argument, and bytes for a row of the result.</param>
    /// <param name="numbers">Numbers that change: argument, and by how much for a row of the result.</param>
    public static KernelPlan Of(KernelPlan plan, BlockedImage y, int rows, BlockedEpilogue epilogue, int first,
        ReadOnlySpan<(int Argument, long Bytes)> pointers, ReadOnlySpan<(int Argument, long Step)> numbers = default)
    {
        if (y.Batch > 1) return plan;
        var arguments = plan.Arguments.ToBuilder();
        long row = y.RowStep * sizeof(float);
        Move(0, row);
        foreach (var (argument, bytes) in pointers) Move(argument, bytes);
        foreach (var (i, load) in epilogue.Loads.Index()) Move(first + 4 * i, load.Row * sizeof(float));
        foreach (var (argument, step) in numbers) arguments[argument] = arguments[argument] with { RowStep = step };
        return plan with
        {
            Arguments = arguments.ToImmutable(),
            Bands = new KernelBands(y.Height, y.Top, y.Bottom, row, y.Blocks, rows, rows + 5, rows + 6, rows + 3),
        };

        void Move(int argument, long bytes) => arguments[argument] = arguments[argument] with { RowBytes = bytes };
    }

    /// <summary>The same for a call that reads windows of an image in blocks, its second argument.</summary>
    public static KernelPlan OfWindows(KernelPlan plan, BlockedImage y, int rows, BlockedEpilogue epilogue, int first, BlockedImage x,
        WindowAxis axis)
    {
        var banded = Of(plan, y, rows, epilogue, first, [(1, x.RowStep * axis.Stride * sizeof(float))]);
        return WithImage(banded, rows, x, axis);
    }

    /// <summary>Tells of the image that a call reads, its second argument.</summary>
    public static KernelPlan WithImage(KernelPlan plan, int rows, BlockedImage x, WindowAxis axis) => plan.Bands is not { } bands ? plan
        : plan with
        {
            Bands = bands with
            {
                Image = new BandedImage(1, rows + 10, x.Top, axis.Begin, axis.Stride, (axis.Taps - 1) * axis.Dilation + 1),
            },
        };
}
