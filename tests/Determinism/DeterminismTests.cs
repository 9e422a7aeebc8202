using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Determinism;

/// <summary>
/// Compiler output is the same bytes on every machine: hashes of all outputs over the zoo stand in <c>hashes.txt</c>, and
/// compiling under another culture, number of threads or C library gives them again.
/// </summary>
public class DeterminismTests
{
    private static readonly string[] Targets = ["cpu-scalar", "cpu-sse", "cpu-avx2", "cpu-avx512", "cpu-neon"];

    [Theory]
    [InlineData("lenet")]
    [InlineData("squeezenet1_1")]
    [InlineData("mobilenet_v2")]
    public void Culture_and_threads_do_not_matter(string name)
    {
        string expected = HashOf(name, "cpu-avx2");
        var culture = CultureInfo.CurrentCulture;
        string other = "";
        var thread = new Thread(() =>
        {
            CultureInfo.CurrentCulture = new CultureInfo("de-DE") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "−" } };
            other = HashOf(name, "cpu-avx2");
        }, 16 << 20);
        thread.Start();
        string beside = HashOf(name, "cpu-avx2"); // two compilations at once share nothing
        thread.Join();
        Assert.Equal(expected, other);
        Assert.Equal(expected, beside);
        Assert.Equal(culture, CultureInfo.CurrentCulture);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Outputs_over_the_zoo_have_the_committed_hashes()
    {
        var lines = new StringBuilder();
        foreach (var architecture in ModelZoo.All)
            foreach (string target in Targets) lines.Append($"{architecture.Name} {target} {HashOf(architecture.Name, target)}\n");
        string path = Repository.Under("tests", "Determinism", "hashes.txt"), actual = lines.ToString();
        if (CaseFile.IsBlessing) File.WriteAllText(path, actual);
        else Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string HashOf(string name, string target)
    {
        var context = new PassContext(OpRegistry.Standard());
        var model = ModelZoo.Build(name);
        model = model with { Graph = Pipelines.Canonicalize().Run(model.Graph, context) };
        var artifact = new CSharpBackend(TargetProfiles.Standard()[target], FusionStrategies.Find("rules")).Emit(model, context);
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
