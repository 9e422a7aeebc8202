using Nncc.Tests.Support;

namespace Nncc.Tests.Backends;

/// <summary>Every op of the laws, in every dtype that C# has, as emitted C# against the evaluator.</summary>
public class OpCaseAgreementTests(OpCaseSuite suite) : IClassFixture<OpCaseSuite>
{
    public static TheoryData<string> Names => [.. OpCaseSuite.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Agrees_with_the_evaluator(string name) => suite.Check(name);

    /// <summary>Ops that the backend computes in no case stand in a list; a new kernel takes its ops out of it.</summary>
    [Fact]
    public void What_is_refused_is_known()
    {
        string file = Repository.Under("src", "Backends", "CSharp", "refused-ops.txt");
        string text = string.Concat(suite.Refused.Select(r => $"{r.Key}: {r.Value}\n"));
        if (Environment.GetEnvironmentVariable("NNCC_BLESS") == "1") File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }
}
