using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nncc.Backends;
using Nncc.Backends.Onnx;
using Nncc.IR;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Determinism;

/// <summary>
/// Compiler output is the same bytes on every machine: hashes of all outputs over the zoo are in outputs.txt. It does not depend on the
/// culture, on compilations that run at once, or on what the processor and the C library can do.
/// </summary>
public class DeterminismTests
{
    private static readonly string[] Targets = ["cpu-avx2", "cpu-avx512", "cpu-neon", "cpu-scalar", "cpu-sse"];
    private static readonly string Expected = Repository.Under("tests", "Determinism", "outputs.txt");
    private static readonly Lock Blessing = new();

    public static TheoryData<string> Networks => [.. ZooSelection.WithWeights];

    [Theory, MemberData(nameof(Networks))]
    public void Outputs_are_the_known_bytes(string network)
    {
        var model = ModelZoo.Build(network);
        string[] actual =
        [
            .. Targets.Select(target => $"{network} {target} {Hash(CSharp(model, target))}"),
            $"{network} onnx {Hash(Onnx(model, network))}",
        ];
        if (CaseFile.IsBlessing) Bless(network, actual);
        Assert.Equal(File.ReadLines(Expected).Where(line => line.StartsWith($"{network} ", StringComparison.Ordinal)), actual);
    }

    [Theory]
    [InlineData("lenet")]
    [InlineData("squeezenet1_1")]
    [InlineData("mobilenet_v2")]
    public void Culture_and_threads_do_not_matter(string network)
    {
        string expected = HashOf(network);
        var culture = CultureInfo.CurrentCulture;
        string other = "";
        var thread = new Thread(() =>
        {
            // As German and Swedish write numbers; made by hand, for machines without culture data.
            var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            foreign.NumberFormat.NumberDecimalSeparator = ",";
            foreign.NumberFormat.NegativeSign = "−";
            CultureInfo.CurrentCulture = foreign;
            other = HashOf(network);
        }, 16 << 20);
        thread.Start();
        string beside = HashOf(network); // two compilations at once share nothing
        thread.Join();
        Assert.Equal(expected, other);
        Assert.Equal(expected, beside);
        Assert.Equal(culture, CultureInfo.CurrentCulture);
    }

    [Theory]
    [InlineData("squeezenet1_1")]
    [InlineData("vit_tiny")]
    public void What_the_processor_can_do_does_not_matter(string network)
    {
        using var folder = new TemporaryFolder();
        string plain = Compiled(folder, network, "plain", []);
        string poor = Compiled(folder, network, "poor", new()
        {
            ["GLIBC_TUNABLES"] = "glibc.cpu.hwcaps=-AVX512F,-AVX2,-AVX,-FMA,-FMA4,-SSE4_2",
            ["DOTNET_EnableHWIntrinsic"] = "0",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
            ["LC_ALL"] = "de_DE.UTF-8",
            ["TZ"] = "Asia/Kathmandu",
        });
        Assert.Equal(plain, poor);
    }

    // The hash of what child processes with these settings write for a network.
    private static string Compiled(TemporaryFolder folder, string network, string name, Dictionary<string, string> settings)
    {
        string place = folder.At(name);
        Directory.CreateDirectory(place);
        foreach (string[] arguments in new string[][]
            { ["zoo", network, "-o", "net.onnx"], ["compile", "net.onnx", "--target", "cpu-avx2", "-o", "out"],
                ["compile", "net.onnx", "--emit", "onnx", "-o", "opt.onnx"] })
            ChildProcess.Nncc(arguments, place, settings);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetRelativePath(place, file)));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Bless(string network, string[] lines)
    {
        lock (Blessing)
        {
            var others = File.Exists(Expected) ? File.ReadAllLines(Expected) : [];
            var all = others.Where(line => !line.StartsWith($"{network} ", StringComparison.Ordinal)).Concat(lines);
            File.WriteAllText(Expected, string.Concat(all.Order(StringComparer.Ordinal).Select(line => $"{line}\n")));
        }
    }

    private static string HashOf(string network) => Hash(CSharp(ModelZoo.Build(network), "cpu-avx2"));

    private static Artifact CSharp(Model model, string target) => new Compiler(new CompilerOptions { Target = target }).EmitCSharp(model);

    private static Artifact Onnx(Model model, string network)
    {
        var compiler = new Compiler();
        return new OnnxBackend($"{network}.onnx").Emit(compiler.Canonicalize(model), compiler.Context());
    }

    private static string Hash(Artifact artifact)
    {
        using var hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
            foreach (var file in artifact.Files)
            {
                stream.Write(Encoding.UTF8.GetBytes($"{file.Path}\n"));
                file.Write(stream);
            }
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
