using Nncc.IR.Ops;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>Which places of each axis a Slice with constant operands takes.</summary>
internal static class SlicePlaces
{
    /// <summary>The axes that it names, with the places of each in the order of the result.</summary>
    public static IEnumerable<(int Axis, long[] Places)> Of(KernelRegion region, Node slice, long[] dims)
    {
        var constants = slice.Inputs.Select(region.Constant).ToArray();
        long[] starts = constants[1]!.ToLongs();
        long[] axes = (constants.Length > 3 ? constants[3] : null)?.ToLongs()
            ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = (int)(axes[i] < 0 ? axes[i] + dims.Length : axes[i]);
            yield return (axis, AxisPlaces.Of(new Slice(), dims[axis], Part(constants[1]!, i), Part(constants[2]!, i), null,
                constants.Length > 4 && constants[4] is { } steps ? Part(steps, i) : null));
        }
    }

    private static Tensor Part(Tensor vector, int index) => Tensor.Vector(vector.ToLongs()[index]);
}
