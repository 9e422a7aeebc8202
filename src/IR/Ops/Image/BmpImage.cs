using System.Buffers.Binary;

namespace Nncc.IR.Ops;

/// <summary>Windows bitmaps without compression, of 1, 4, 8, 24 and 32 bits a pixel (Microsoft, "Bitmap Storage").</summary>
internal static class BmpImage
{
    /// <summary>The pixels.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or of a form that is not read.</exception>
    public static Raster Decode(byte[] file)
    {
        int start = Int32(file, 10), header = Int32(file, 14), width = Int32(file, 18), height = Int32(file, 22);
        int bits = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(28)), compression = Int32(file, 30);
        if (header < 40 || (compression != 0 && !(compression == 3 && bits == 32)) || bits is not (1 or 4 or 8 or 24 or 32))
            throw new InvalidDataException($"a bitmap of {bits} bits with compression {compression} is not read");
        var raster = Raster.Of(width, Math.Abs((long)height));
        var palette = file.AsSpan(14 + header);
        long stride = ((long)width * bits + 31) / 32 * 4;
        for (int y = 0; y < raster.Height; y++)
        {
            // Rows go from the bottom up unless the height is negative.
            var row = file.AsSpan(checked((int)(start + (height < 0 ? y : raster.Height - 1 - y) * stride)), (int)stride);
            for (int x = 0; x < raster.Width; x++)
            {
                var pixel = bits >= 24 ? row[(x * bits / 8)..]
                    : palette[(4 * (row[x * bits / 8] >> (8 - bits - x * bits % 8) & ((1 << bits) - 1)))..];
                int to = (y * raster.Width + x) * 3;
                (raster.Rgb[to], raster.Rgb[to + 1], raster.Rgb[to + 2]) = (pixel[2], pixel[1], pixel[0]);
            }
        }
        return raster;
    }

    private static int Int32(byte[] file, int at) => BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(at));
}
