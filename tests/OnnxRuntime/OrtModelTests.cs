using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;

namespace Nncc.Tests.OnnxRuntime;

/// <summary>ONNX Runtime agrees with the expected outputs of real models, so that it can serve as a judge of them.</summary>
public class OrtModelTests
{
    public static TheoryData<string> Models => [.. SharedModels.Names];

    [TheoryNeeding(Needs.OnnxRuntime | Needs.Shared)]
    [MemberData(nameof(Models))]
    public void A_real_model_gives_its_expected_outputs(string name)
    {
        using var session = Judge.Open(SharedModels.File(name));
        var actual = session.Run(SharedModels.Inputs(name).ToDictionary(i => i.Name, i => (Datum)i.Content));
        // Where an output has no expected content, that it could be computed and taken is what is left to see.
        var expected = SharedModels.Outputs(name).ToDictionary(o => o.Name, o => o.Content);
        double bound = SharedModels.Bound(name, 1e-4);
        for (int i = 0; i < actual.Length; i++)
        {
            string output = session.Outputs[i].Name;
            if (!expected.Remove(output, out var content)) continue;
            double error = Closeness.Error(actual[i], content);
            Assert.True(error <= bound, $"{name}: output {output} has error {error:g3}");
        }
        Assert.Empty(expected);
    }
}
