namespace Nncc.Tests.Backends;

/// <summary>Emitted C# of small graphs, on every target that this machine can run and with every strategy, against the evaluator.</summary>
public class KernelAgreementTests(KernelSuite suite) : IClassFixture<KernelSuite>
{
    public static TheoryData<string, string> Graphs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string target in KernelSuite.Targets)
                foreach (string name in KernelGraphs.All.Keys) data.Add(name, target);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Agrees_with_the_evaluator(string name, string target) => suite.Check(name, target);
}
