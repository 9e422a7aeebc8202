using Nncc.Passes.Cost;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Strategies;

/// <summary>What <see cref="MachineCostModel"/> makes of the features of a kernel.</summary>
public class CostModelTests
{
    private const double Small = 1000, Large = 1e9;

    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];

    private static readonly KernelFeatures Arithmetic = new(1e6, 1, 0, 0, 0, 0);

    [Fact]
    public void Cycles_take_as_long_on_wider_units()
    {
        var waiting = new KernelFeatures(0, 1, 0, 0, 0, 0) { Cycles = 1e6 };
        var wider = Target with { FmasPerCycle = 2 * Target.FmasPerCycle };
        Assert.Equal(1e6 / Target.ClockGHz, Predict(waiting, Target).ComputeNs, 6);
        Assert.Equal(Predict(waiting, Target), Predict(waiting, wider));
        Assert.True(Predict(Arithmetic, wider).ComputeNs < Predict(Arithmetic, Target).ComputeNs);
    }

    [Fact]
    public void Arithmetic_hides_traffic_in_part_but_waits_for_weights_that_come_first()
    {
        var streamed = Predict(Arithmetic with { BytesWeights = 1e6 }, Target);
        var first = Predict(Arithmetic with { BytesWeights = 1e6, AreWeightsFirst = true }, Target);
        double both = streamed.ComputeNs + streamed.MemoryNs;
        Assert.InRange(streamed.TotalNs - streamed.FixedNs, Math.Max(streamed.ComputeNs, streamed.MemoryNs), 0.999 * both);
        Assert.Equal(both, first.TotalNs - first.FixedNs, 6);
    }

    [Fact]
    public void The_start_waits_for_code_where_a_run_of_the_model_pushes_it_out()
    {
        var features = Arithmetic with { BytesWeights = Small, CodeBytes = 4096 };
        Assert.Equal(Target.CallNs, Predict(features, Target, Small).FixedNs);
        double far = Predict(features, Target, Large).FixedNs;
        Assert.True(far > Predict(features with { CodeBytes = 1024 }, Target, Large).FixedNs);
        Assert.Equal(Target.CallNs, Predict(features with { BytesWeights = 0 }, Target, Large).FixedNs);
    }

    private static KernelCost Predict(KernelFeatures features, TargetProfile target, double modelBytes = 0) =>
        new MachineCostModel().Predict(features, target, modelBytes);
}
