using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp.Kernels.Blocked;

/// <summary>
/// How threads share a kernel over images in blocks of channels: by images where there are several, else by blocks of the result.
/// </summary>
internal static class BlockedPieces
{
    /// <summary>The call as one that is shared.</summary>
    /// <param name="plan">The call, whose first argument is the result.</param>
    /// <param name="y">How the result lies.</param>
    /// <param name="batch">The argument that is the number of images.</param>
    /// <param name="blocks">The argument that is the number of blocks of the result; -1 where it must be all of them.</param>
    /// <param name="grain">Blocks that stay together.</param>
    /// <param name="epilogue">What follows.</param>
    /// <param name="first">The argument that is the epilogue's first.</param>
    /// <param name="moved">Other pointers: argument, bytes from image to image, and from block to block of the result.</param>
    public static KernelPlan Share(KernelPlan plan, BlockedImage y, int batch, int blocks, int grain, BlockedEpilogue epilogue, int first,
        params ReadOnlySpan<(int Argument, long Image, long Block)> moved)
    {
        bool byImages = y.Batch > 1;
        if (!byImages && blocks < 0) return plan;
        var arguments = plan.Arguments.ToBuilder();
        Move(0, y.ImageStep * sizeof(float), y.PlaneStep * sizeof(float));
        foreach (var (argument, image, block) in moved) Move(argument, image, block);
        foreach (var (i, load) in epilogue.Loads.Index()) Move(first + 4 * i, load.Image * sizeof(float), load.Plane * sizeof(float));
        int count = byImages ? batch : blocks;
        arguments[count] = arguments[count] with { IsPieceCount = true };
        return plan with
        {
            Arguments = arguments.ToImmutable(), Split = byImages ? new KernelSplit(y.Batch) : new KernelSplit(y.Blocks, grain),
        };

        void Move(int argument, long image, long block) =>
            arguments[argument] = arguments[argument] with { PieceBytes = byImages ? image : block };
    }
}
