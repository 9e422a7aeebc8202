using System.Buffers.Binary;
using System.IO.Compression;

namespace Nncc.IR.Ops;

/// <summary>
/// PNG images of all color types and depths, interlaced or not; 16 bit channels give their upper byte, transparency is left out. Source:
/// W3C, "Portable Network Graphics (PNG) Specification".
/// </summary>
internal static class PngImage
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private sealed record Header(int Depth, int Channels, bool HasPalette)
    {
        public int Bits => Depth * Channels;
    }

    /// <summary>The pixels.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Raster Decode(byte[] file)
    {
        Raster? raster = null;
        Header? header = null;
        bool isInterlaced = false;
        byte[] palette = [];
        using var packed = new MemoryStream();
        for (int at = 8; at + 8 <= file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var chunk = file.AsSpan(at + 8, length);
            switch (System.Text.Encoding.ASCII.GetString(file, at + 4, 4))
            {
                case "IHDR":
                    raster = Raster.Of(BinaryPrimitives.ReadInt32BigEndian(chunk), BinaryPrimitives.ReadInt32BigEndian(chunk[4..]));
                    header = new Header(chunk[8], chunk[9] switch { 0 or 3 => 1, 2 => 3, 4 => 2, 6 => 4,
                        _ => throw new InvalidDataException($"color type {chunk[9]}") }, chunk[9] == 3);
                    if (chunk[8] is not (1 or 2 or 4 or 8 or 16)) throw new InvalidDataException($"{chunk[8]} bits a channel");
                    isInterlaced = chunk[12] == 1;
                    break;
                case "PLTE":
                    palette = chunk.ToArray();
                    break;
                case "IDAT":
                    packed.Write(chunk);
                    break;
            }
            at += length + 12;
        }
        if (raster is null || header is null) throw new InvalidDataException("it has no header");
        packed.Position = 0;
        using var stream = new ZLibStream(packed, CompressionMode.Decompress);
        foreach (var (x, y, stepX, stepY) in isInterlaced ? Passes : [(0, 0, 1, 1)])
            ReadPass(stream, raster, header, palette, x, y, stepX, stepY);
        return raster;
    }

    private static void ReadPass(Stream stream, Raster raster, Header header, byte[] palette, int x, int y, int stepX, int stepY)
    {
        int width = (raster.Width - x + stepX - 1) / stepX, pixel = Math.Max(1, header.Bits / 8);
        if (width <= 0) return;
        byte[] line = new byte[1 + (width * header.Bits + 7) / 8], above = new byte[line.Length];
        for (int row = y; row < raster.Height; row += stepY)
        {
            stream.ReadExactly(line);
            Unfilter(line, above, pixel);
            for (int i = 0; i < width; i++)
            {
                int to = (row * raster.Width + x + i * stepX) * 3;
                for (int c = 0; c < 3; c++)
                {
                    int sample = Sample(line, header, i, header.Channels >= 3 ? c : 0);
                    raster.Rgb[to + c] = header.HasPalette ? palette[3 * sample + c]
                        : header.Depth < 8 ? (byte)(sample * 255 / ((1 << header.Depth) - 1)) : (byte)sample;
                }
            }
            (line, above) = (above, line);
        }
    }

    private static int Sample(byte[] line, Header header, int pixel, int channel)
    {
        int bit = pixel * header.Bits + channel * header.Depth, value = line[1 + bit / 8];
        return header.Depth >= 8 ? value : value >> (8 - header.Depth - bit % 8) & ((1 << header.Depth) - 1);
    }

    private static void Unfilter(byte[] line, byte[] above, int pixel)
    {
        for (int i = 1; i < line.Length; i++)
        {
            int left = i > pixel ? line[i - pixel] : 0, up = above[i], corner = i > pixel ? above[i - pixel] : 0;
            line[i] += (byte)(line[0] switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                var filter => throw new InvalidDataException($"filter {filter}"),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int p = left + up - corner, a = Math.Abs(p - left), b = Math.Abs(p - up), c = Math.Abs(p - corner);
        return a <= b && a <= c ? left : b <= c ? up : corner;
    }
}
