using Nncc.Passes.Counting;
using Nncc.Tests.Cli;
using Nncc.Tests.Support;
using Nncc.Zoo;

namespace Nncc.Tests.Counting;

/// <summary>Training cost by counting and by time, with the figures of the text that the unit comes from, corrected.</summary>
public class TrainCostTests
{
    [Fact]
    public void By_counting()
    {
        var json = CliRun.Good("train-cost", "--macs", "16e9", "--images", "1.2e6", "--epochs", "74", "--json").Json.GetProperty("counted");
        Assert.Equal(8_524.8, json.GetProperty("petaflops").GetDouble(), 9);
        Assert.Equal(0.0986666667, json.GetProperty("petaflopDays").GetDouble(), 9);
    }

    [Fact]
    public void By_time()
    {
        var json = CliRun.Good("train-cost", "--gpus", "4", "--days", "15", "--peak", "5.1", "--util", "0.33", "--json").Json;
        Assert.Equal(8_724.672, json.GetProperty("timed").GetProperty("petaflops").GetDouble(), 9);
        Assert.Equal(0.10098, json.GetProperty("timed").GetProperty("petaflopDays").GetDouble(), 9);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, json.GetProperty("seconds").ValueKind);
    }

    [Fact]
    public void Of_a_counted_model()
    {
        var vgg = ModelCounter.Count(ModelZoo.Build("vgg16", new ZooOptions { HasWeights = false }).Graph);
        double operations = TrainingCost.ByCounting(vgg.Totals.Macs.Value!.Value, 1.2e6, 74);
        Assert.Equal(0.0953999633, TrainingCost.PetaflopDays(operations), 10);
        Assert.Equal(0.1019, TrainingCost.PetaflopDays(TrainingCost.ByCounting(vgg.Totals.Macs.Value!.Value, 1_281_167, 74)), 4);

        using var folder = new TemporaryFolder();
        var run = CliRun.Good("train-cost", "--model", CliModels.Write(folder), "--images", "10", "--epochs", "2", "--json");
        Assert.Equal(12, run.Json.GetProperty("macs").GetDouble());
        Assert.Equal(12 * 10 * 2 * 6 / 1e15, run.Json.GetProperty("counted").GetProperty("petaflops").GetDouble(), 1e-20);
    }

    [Fact]
    public void Wrong_numbers_are_usage_faults()
    {
        CliRun.Bad(1, ["--images", "above 0"], "train-cost", "--macs", "1e9", "--images", "0", "--epochs", "1");
        CliRun.Bad(1, ["--macs", "-3"], "train-cost", "--macs", "-3", "--images", "1", "--epochs", "1");
        CliRun.Bad(1, ["NaN"], "train-cost", "--macs", "NaN", "--images", "1", "--epochs", "1");
        CliRun.Bad(1, ["--util", "1.2 is above 1"], "train-cost", "--gpus", "1", "--days", "1", "--peak", "1", "--util", "1.2");
        CliRun.Bad(1, ["too little"], "train-cost", "--macs", "1e9");
        CliRun.Bad(1, ["--macs, --model"], "train-cost", "--macs", "1", "--model", "x.onnx");
    }
}
