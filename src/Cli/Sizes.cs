using System.Globalization;

namespace Nncc.Cli;

/// <summary>Numbers as people read them.</summary>
internal static class Sizes
{
    /// <summary>Bytes in the largest unit of 1024 that gives at least one.</summary>
    public static string Text(long bytes)
    {
        string[] units = ["bytes", "KiB", "MiB", "GiB"];
        int unit = 0;
        double value = bytes;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return unit == 0 ? $"{bytes} bytes" : string.Create(CultureInfo.InvariantCulture, $"{value:F1} {units[unit]}");
    }

    /// <summary>A count with groups of three digits.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>An error measure with two digits.</summary>
    public static string Error(double error) =>
        error == 0 ? "0" : double.IsFinite(error) ? error.ToString("0.0e+0", CultureInfo.InvariantCulture) : "inf";

    /// <summary>A number as short as it reads back to binary32.</summary>
    public static string Number(double number) => ((float)number).ToString("R", CultureInfo.InvariantCulture);
}
