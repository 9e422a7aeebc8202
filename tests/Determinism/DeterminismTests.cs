using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Zoo;

namespace Nncc.Tests.Determinism;

/// <summary>
/// Compiler output is the same bytes whatever the culture, and when two compilations run at once.
/// </summary>
public class DeterminismTests
{
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
            // As German and Swedish write numbers; made by hand, for machines without culture data.
            var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            foreign.NumberFormat.NumberDecimalSeparator = ",";
            foreign.NumberFormat.NegativeSign = "−";
            CultureInfo.CurrentCulture = foreign;
            other = HashOf(name, "cpu-avx2");
        }, 16 << 20);
        thread.Start();
        string beside = HashOf(name, "cpu-avx2"); // two compilations at once share nothing
        thread.Join();
        Assert.Equal(expected, other);
        Assert.Equal(expected, beside);
        Assert.Equal(culture, CultureInfo.CurrentCulture);
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
