using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Nncc.Cli;

/// <summary>The machine that a measurement was made on, in its own words.</summary>
internal static class MachineDescription
{
    /// <summary>The processor's name; of one that does not say, its architecture.</summary>
    public static string Processor
    {
        get
        {
            const int first = unchecked((int)0x80000002), last = unchecked((int)0x80000004);
            if (!X86Base.IsSupported || (uint)X86Base.CpuId(unchecked((int)0x80000000), 0).Eax < unchecked((uint)last))
                return RuntimeInformation.ProcessArchitecture.ToString();
            var name = new StringBuilder();
            for (int leaf = first; leaf <= last; leaf++)
            {
                var (a, b, c, d) = X86Base.CpuId(leaf, 0);
                foreach (int part in (ReadOnlySpan<int>)[a, b, c, d]) name.Append(Encoding.ASCII.GetString(BitConverter.GetBytes(part)));
            }
            return name.ToString().TrimEnd('\0').Trim();
        }
    }

    /// <summary>Processors that this process may use.</summary>
    public static int Cores => Environment.ProcessorCount;

    /// <summary>The operating system.</summary>
    public static string System => RuntimeInformation.OSDescription;

    /// <summary>The runtime.</summary>
    public static string Runtime => RuntimeInformation.FrameworkDescription;
}
