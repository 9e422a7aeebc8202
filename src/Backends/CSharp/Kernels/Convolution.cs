using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>An operand of what follows: its steps from image to image and from channel to channel.</summary>
/// <param name="Operand">Which operand of the region.</param>
/// <param name="ImageStep">Elements from an image to the next.</param>
/// <param name="RowStep">Elements from a channel to the next.</param>
/// <param name="AlongColumns">Whether it changes from pixel to pixel.</param>
/// <param name="DType">Element type.</param>
internal sealed record ChannelLoad(int Operand, long ImageStep, long RowStep, bool AlongColumns, DType DType);

/// <summary>A region read as a convolution, or transposed convolution, over row-major images.</summary>
/// <param name="X">Which operand of the region the image is.</param>
/// <param name="W">Which operand the filters are.</param>
/// <param name="IsTransposed">Whether it is a transposed one.</param>
/// <param name="Batch">Images.</param>
/// <param name="Groups">Groups.</param>
/// <param name="Filters">Filters of a group.</param>
/// <param name="Channels">Channels of a group.</param>
/// <param name="K">Steps of a sum: channels and taps.</param>
/// <param name="Windows">The geometry.</param>
/// <param name="HasBias">Whether there is a bias.</param>
/// <param name="Epilogue">What follows.</param>
/// <param name="Loads">Its operands, the bias first.</param>
internal sealed record Convolution(
    int X, int W, bool IsTransposed, long Batch, long Groups, long Filters, long Channels, long K, WindowTables Windows, bool HasBias,
    ElementwiseBody Epilogue,
    ImmutableArray<ChannelLoad> Loads)
{
    /// <summary>Reads a region; null and the reason where it is none.</summary>
    public static Convolution? Of(KernelRegion region, out string? reason)
    {
        var body = region.Body;
        var anchor = body.Nodes[0];
        if (ElementwiseBody.Of(region, anchor, out reason) is not { } epilogue) return null;
        var x = (TensorType)body[anchor.Inputs[0]].Type;
        var w = (TensorType)body[anchor.Inputs[1]].Type;
        bool hasBias = anchor.Inputs.Length > 2 && anchor.Inputs[2] != Node.Absent;
        foreach (int operand in anchor.GivenInputs)
            if (!body[operand].IsInput) return Refuse("an operand is computed inside the region", out reason);
        if (x.DType != DType.Float32) return Refuse($"convolutions of {x.DType.Name()}", out reason);
        var turned = anchor.Op as ConvTranspose;
        if (turned is not null && region.Constant(anchor.Inputs[1]) is null) return Refuse("the filters are computed at run time",
            out reason);
        var tables = turned is not null ? WindowTables.Transposed(turned.Geometry(x.Shape!, w.Shape!))
            : WindowTables.Of(((Conv)anchor.Op).Geometry(x.Shape!, w.Shape!));
        if (tables is not { } windows) return Refuse("more than three spatial axes", out reason);
        long group = turned?.Group ?? ((Conv)anchor.Op).Group;
        long[] xs = x.Shape!.ToStatic()!, ws = w.Shape!.ToStatic()!;
        var (filters, channels) = turned is not null ? (ws[1], ws[0] / group) : (ws[0] / group, ws[1]);
        var loads = ImmutableArray.CreateBuilder<ChannelLoad>();
        if (hasBias) loads.Add(new ChannelLoad(body[anchor.Inputs[2]].Slot, 0, 1, false, DType.Float32));
        foreach (var load in epilogue.Loads)
        {
            var strides = load.Strides();
            long step = 1;
            bool along = false, once = false;
            for (int axis = strides.Length - 1; axis >= 2; axis--)
            {
                if (epilogue.Dims[axis] == 1) continue;
                if (strides[axis] == 0) once = true;
                else if (strides[axis] == step) along = true;
                else along = once = true;
                step *= epilogue.Dims[axis];
            }
            if (along && once) return Refuse("an operand of the epilogue is broadcast along a part of the image", out reason);
            loads.Add(new ChannelLoad(load.Operand, strides[0], strides[1], along, load.DType));
        }
        long k = channels * windows.Kernel.Aggregate(1L, (a, b) => a * b);
        return new Convolution(body[anchor.Inputs[0]].Slot, body[anchor.Inputs[1]].Slot, turned is not null, xs[0], group, filters,
            channels, k,
            windows, hasBias, epilogue, loads.ToImmutable());
    }

    /// <summary>The tile of a schedule, with the epilogue.</summary>
    public ProductTile Tile(Schedule schedule, TargetProfile target)
    {
        int bias = HasBias ? 1 : 0;
        var loads = Loads.Select(l => new TileLoad(l.AlongColumns, l.DType)).ToArray();
        string tag = (HasBias ? "_biasm" : "") + Epilogue.UniqueTag(i => loads[i + bias].Mode);
        return new ProductTile(schedule["rows"], schedule["vectors"], VectorDialect.For(target, DType.Float32), loads,
            (code, dialect, load, sum) =>
        {
            if (bias == 0) return Epilogue.Print(code, dialect, i => load(i), sum);
            code.Line($"var product = {sum} + {load(0)};");
            return Epilogue.Print(code, dialect, i => load(i + 1), "product");
        }, tag, Epilogue.IsVectorizable, Epilogue.ResultDType);
    }

    private static Convolution? Refuse(string why, out string? reason)
    {
        reason = why;
        return null;
    }
}
