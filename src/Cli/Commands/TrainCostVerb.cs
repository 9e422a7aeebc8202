using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Nncc.Backends;
using Nncc.Backends.Models;
using Nncc.Passes.Counting;

namespace Nncc.Cli.Commands;

/// <summary>Estimates what training takes.</summary>
internal sealed class TrainCostVerb : Verb
{
    private readonly Option<string?> model =
        new("--model") { Description = "Count the MACs of a forward pass in this model", HelpName = "MODEL" };
    private readonly Option<double?> macs = Number("--macs", "MACs of a forward pass of one image, such as 16e9", "N");
    private readonly Option<double?> images = Number("--images", "Images of the training set", "N");
    private readonly Option<double?> epochs = Number("--epochs", "Passes over the training set", "E");
    private readonly Option<double?> peak = Number("--peak", "Peak of one device, in TFLOP/s (1e12 operations a second)", "TFLOPS");
    private readonly Option<double?> utilization = Number("--util", "Share of the peak that is reached, above 0 and up to 1", "U");
    private readonly Option<double?> devices = Number("--gpus", "Number of devices", "G");
    private readonly Option<double?> days = Number("--days", "Days of 86,400 seconds that they run", "D");

    public TrainCostVerb() : base("train-cost", "Estimate what training takes, in petaflop/s-days, by counting and by time") =>
        Takes(model, macs, images, epochs, peak, utilization, devices, days);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc train-cost --macs 16e9 --images 1.2e6 --epochs 74", "by counting: MACs x 2 x 3 x images x epochs"),
        new("nncc train-cost --gpus 4 --days 15 --peak 5.1 --util 0.33", "by time: devices x seconds x peak x utilization"),
        new("nncc train-cost --model vgg16.onnx --images 1281167 --epochs 74 --gpus 8 --peak 15.7 --util 0.3",
            "and how many days that takes"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("macs", "MACs of a forward pass; null where they are not given, as all that does not follow"),
        new("counted.petaflops", "operations by counting, in units of 1e15"),
        new("counted.petaflopDays", "the same in petaflop/s-days, each 8.64e19 operations"),
        new("timed.petaflops", "operations by time, in units of 1e15"),
        new("timed.petaflopDays", "the same in petaflop/s-days"),
        new("seconds", "seconds that the devices take for the operations by counting"),
        new("days", "the same in days"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        Check(call);
        double? perImage = call.Get(macs) ?? (call.Get(model) is { } path ? Count(call, path) : null);
        double? counted = perImage is { } products && call.Get(images) is { } number && call.Get(epochs) is { } passes
            ? TrainingCost.ByCounting(products, number, passes) : null;
        double? flops = call.Get(peak) * 1e12;
        double? timed = call.Get(devices) is { } count && call.Get(days) is { } length && flops is { } limit
            && call.Get(utilization) is { } share ? TrainingCost.ByTime(count, length * TrainingCost.SecondsPerDay, limit, share) : null;
        double? seconds = counted is { } work && call.Get(devices) is { } machines && flops is { } speed
            && call.Get(utilization) is { } used
            ? TrainingCost.Seconds(work, machines, speed, used) : null;
        if (counted is null && timed is null)
            throw new NnccException(FaultCodes.Usage, "too little is given to estimate anything",
                advice: "by counting: --macs or --model, --images, --epochs; by time: --gpus, --days, --peak, --util");
        Print(call.Output, perImage, counted, timed, seconds);
        call.Output.Json(new
        {
            macs = perImage, counted = Figures(counted), timed = Figures(timed), seconds, days = seconds / TrainingCost.SecondsPerDay,
        });
        return ExitCode.Ok;

        static object Figures(double? operations) => new
        {
            petaflops = operations / TrainingCost.Petaflop,
            petaflopDays = operations is { } number ? TrainingCost.PetaflopDays(number) : (double?)null,
        };
    }

    private static void Print(Output output, double? macs, double? counted, double? timed, double? seconds)
    {
        var table = new TextTable("figure", ">value", "unit");
        if (macs is { } products) table.Add("MACs of a forward pass", Text(products), "multiply-accumulates an image");
        foreach (var (name, operations) in new[] { ("by counting", counted), ("by time", timed) })
        {
            if (operations is not { } number) continue;
            table.Add($"operations {name}", Text(number / TrainingCost.Petaflop), "petaflop (1e15 operations)");
            table.Add($"cost {name}", Text(TrainingCost.PetaflopDays(number)), "petaflop/s-days (8.64e19 operations)");
        }
        if (seconds is { } duration)
        {
            table.Add("the devices take", Text(duration), "seconds");
            table.Add("", Text(duration / TrainingCost.SecondsPerDay), "days");
        }
        output.Table(table);
        if (counted is not null) output.Line("\nby counting: 2 operations a MAC, and a forward pass with two as expensive backward for "
            + "each image");
    }

    private static double Count(Invocation call, string path)
    {
        var compiler = new Compiler();
        var count = StageCounts.At(compiler, compiler.Read(path, needsContent: false), StageCounts.Stages[0], new CountOptions(),
            call.Cancellation);
        return (count.Totals.Macs + count.Totals.IntegerMacs).Value!.Value;
    }

    private void Check(Invocation call)
    {
        var faults = new List<Fault>();
        foreach (var option in new[] { macs, images, epochs, peak, utilization, devices, days })
            if (call.Get(option) is { } number && !(number > 0 && double.IsFinite(number)))
                faults.Add(new Fault(FaultCodes.Usage, $"{number.ToString(CultureInfo.InvariantCulture)} is not a number above 0",
                    option.Name));
        if (call.Get(utilization) is > 1 and var share)
            faults.Add(new Fault(FaultCodes.Usage, $"a utilization of {share.ToString(CultureInfo.InvariantCulture)} is above 1", "--util",
                "33 percent are 0.33"));
        if (call.Get(macs) is not null && call.Get(model) is not null)
            faults.Add(new Fault(FaultCodes.Usage, "MACs are given and counted", "--macs, --model", "give one of these"));
        if (faults.Count > 0) throw new NnccException([.. faults]);
    }

    private static string Text(double number) => number >= 1e6 && number == Math.Floor(number) && number < 1e18
        ? number.ToString("N0", CultureInfo.InvariantCulture) : number.ToString("G7", CultureInfo.InvariantCulture);

    private static Option<double?> Number(string name, string description, string help) => new(name)
    {
        Description = description, HelpName = help,
    };
}
