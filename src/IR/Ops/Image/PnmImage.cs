namespace Nncc.IR.Ops;

/// <summary>Portable bitmaps, graymaps and pixmaps, as text and binary: P1 to P6 (Netpbm).</summary>
internal static class PnmImage
{
    /// <summary>The pixels.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static Raster Decode(byte[] file)
    {
        int kind = file[1] - '0', at = 2;
        bool isText = kind <= 3, isBits = kind is 1 or 4;
        int channels = kind is 3 or 6 ? 3 : 1;
        var raster = Raster.Of(Number(file, ref at), Number(file, ref at));
        int most = isBits ? 1 : Number(file, ref at);
        if (most is < 1 or > 65535) throw new InvalidDataException($"a greatest value of {most}");
        if (!isText) at++;
        for (int y = 0; y < raster.Height; y++)
            for (int x = 0; x < raster.Width; x++)
                for (int c = 0; c < channels; c++)
                {
                    int value = isText ? (isBits ? Bit(file, ref at) : Number(file, ref at))
                        : isBits ? file[at + y * ((raster.Width + 7) / 8) + x / 8] >> (7 - x % 8) & 1
                        : most < 256 ? file[at++] : file[at++] << 8 | file[at++];
                    if (isBits) value = 1 - value;
                    byte level = (byte)Math.Min(255, (value * 255 + most / 2) / most);
                    int to = (y * raster.Width + x) * 3;
                    if (channels == 3) raster.Rgb[to + c] = level;
                    else (raster.Rgb[to], raster.Rgb[to + 1], raster.Rgb[to + 2]) = (level, level, level);
                }
        return raster;
    }

    private static int Number(byte[] file, ref int at)
    {
        Skip(file, ref at);
        int number = 0;
        if (file[at] is < (byte)'0' or > (byte)'9') throw new InvalidDataException($"byte {at} is no number");
        for (; at < file.Length && file[at] is >= (byte)'0' and <= (byte)'9'; at++)
            number = number < 100_000_000 ? number * 10 + file[at] - '0' : throw new InvalidDataException("a number is too large");
        return number;
    }

    private static int Bit(byte[] file, ref int at)
    {
        Skip(file, ref at);
        return file[at++] - '0';
    }

    private static void Skip(byte[] file, ref int at)
    {
        for (; at < file.Length; at++)
            if (file[at] == '#') while (at < file.Length && file[at] != '\n') at++;
            else if (file[at] is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')) return;
        throw new InvalidDataException("it ends too early");
    }
}
