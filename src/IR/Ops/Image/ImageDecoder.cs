using System.Collections.Immutable;

namespace Nncc.IR.Ops;

/// <summary>
/// The pixels [height, width, channels] of an image file given as bytes. BMP, PNG and PNM are decoded; other formats are refused by name.
/// Source: ai.onnx ImageDecoder.
/// </summary>
/// <param name="PixelFormat">The channels of the result.</param>
public sealed record ImageDecoder(PixelFormat PixelFormat = PixelFormat.Rgb) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } = OpDefinition.For<ImageDecoder>("encoded_stream", "image", [20])
        .Limited("BMP, PNG and PNM are decoded; JPEG, JPEG 2000, TIFF, WebP and GIF are not");

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        context.Tensor(0, t => t == DType.UInt8, "u8");
        context.Ranked(0, 1, "bytes");
        return [new TensorType(DType.UInt8, [context.Fresh(), context.Fresh(), PixelFormat == PixelFormat.Grayscale ? 1 : 3])];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        _ = context.Infer(this);
        byte[] file = context.Tensor(0).Span<byte>().ToArray();
        Raster raster;
        try
        {
            raster = Decode(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ArgumentOutOfRangeException
            or IndexOutOfRangeException)
        {
            throw EvaluateContext.Fault(FaultCodes.Data, "the image is damaged: " + e.Message);
        }
        int channels = PixelFormat == PixelFormat.Grayscale ? 1 : 3;
        var pixels = new byte[raster.Rgb.Length / 3 * channels];
        for (int i = 0; i < raster.Rgb.Length / 3; i++)
        {
            byte r = raster.Rgb[3 * i], g = raster.Rgb[3 * i + 1], b = raster.Rgb[3 * i + 2];
            // Luma of ITU-R BT.601 in 16 bit fixed point, rounded.
            if (channels == 1) pixels[i] = (byte)((r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16);
            else (pixels[3 * i], pixels[3 * i + 1], pixels[3 * i + 2]) = PixelFormat == PixelFormat.Rgb ? (r, g, b) : (b, g, r);
        }
        return [Tensor.Of([raster.Height, raster.Width, channels], pixels)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();

    private static Raster Decode(byte[] file)
    {
        if (file is [(byte)'B', (byte)'M', ..]) return BmpImage.Decode(file);
        if (file is [0x89, (byte)'P', (byte)'N', (byte)'G', ..]) return PngImage.Decode(file);
        if (file is [(byte)'P', >= (byte)'1' and <= (byte)'6', ..]) return PnmImage.Decode(file);
        string format = file switch
        {
            [0xFF, 0xD8, ..] => "JPEG",
            [0, 0, 0, 0x0C, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, ..] => "JPEG 2000",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', ..] => "WebP",
            [(byte)'I', (byte)'I', 42, 0, ..] or [(byte)'M', (byte)'M', 0, 42, ..] => "TIFF",
            [(byte)'G', (byte)'I', (byte)'F', ..] => "GIF",
            _ => "this format",
        };
        throw EvaluateContext.Fault(FaultCodes.NotSupported, $"images in {format} are not decoded here", Definition.Limits[0]);
    }
}

/// <summary>Channels of a decoded image.</summary>
public enum PixelFormat
{
    /// <summary>Red, green, blue.</summary>
    [OnnxName("RGB")]
    Rgb,
    /// <summary>Blue, green, red.</summary>
    [OnnxName("BGR")]
    Bgr,
    /// <summary>Luma.</summary>
    [OnnxName("Grayscale")]
    Grayscale,
}

/// <summary>Pixels of 8 bits a channel.</summary>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">Red, green and blue of each pixel, row by row.</param>
internal sealed record Raster(int Width, int Height, byte[] Rgb)
{
    /// <summary>An empty raster of these sizes; fault where no array holds it.</summary>
    public static Raster Of(long width, long height)
    {
        if (width < 1 || height < 1 || width > 1 << 20 || height > 1 << 20 || width * height * 3 > 1 << 30)
            throw new InvalidDataException($"it says that it has {width} x {height} pixels");
        return new Raster((int)width, (int)height, new byte[width * height * 3]);
    }
}
