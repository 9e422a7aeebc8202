using System.Collections.Immutable;
using Nncc.Backends.Calibration;
using Nncc.IR;
using Nncc.Passes.Targets;
using Nncc.Tests.Support;
using Nncc.Tests.Cli;

namespace Nncc.Tests.Targets;

/// <summary>Measuring the machine: rounds and their spread, cache sizes, the file, and that the profile is one.</summary>
public class CalibrationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    // Gives its numbers in turn, over and over.
    private static Figure Figure(string name, double allowed, params double[] samples)
    {
        int next = 0;
        return new Figure(name, "x", allowed, () => samples[next++ % samples.Length]);
    }

    private static MeasuredFigures Measure(List<MeasuredFigures> busy, params ImmutableArray<Figure> figures) =>
        new FigureRounds(figures, TimeProvider.System).Run(TimeSpan.Zero, busy.Add);

    [Fact]
    public void Of_a_quiet_machine_the_medians_are_taken_at_once()
    {
        var busy = new List<MeasuredFigures>();
        var found = Measure(busy, Figure("a", 0.05, 100, 104, 102), Figure("b", 0.7, 10, 1, 14));
        Assert.Empty(busy);
        Assert.Equal((3, true, 102, 10), (found.Rounds, found.IsSteady, found["a"], found["b"]));
        Assert.Equal(2 / 102.0, found.Figures[0].Spread, 6); // the quartiles are 101 and 103
    }

    [Fact]
    public void A_busy_machine_is_measured_again_and_the_steadier_half_is_taken()
    {
        var busy = new List<MeasuredFigures>();
        var found = Measure(busy, Figure("a", 0.05, 100, 50, 75, 90, 91, 92));
        Assert.Equal(75, Assert.Single(busy)["a"]);
        Assert.Equal("a", Assert.Single(busy[0].Unsteady).Name);
        Assert.Equal((91, true), (found["a"], found.IsSteady));
    }

    [Fact]
    public void A_machine_that_stays_busy_is_called_so()
    {
        var busy = new List<MeasuredFigures>();
        var found = Measure(busy, Figure("a", 0.05, 100, 50, 75), Figure("b", 0.05, 1, 1, 1));
        Assert.Single(busy);
        Assert.False(found.IsSteady);
        Assert.Equal("a", Assert.Single(found.Unsteady).Name);
    }

    [Fact]
    public void Of_many_figures_one_may_spread_by_chance()
    {
        var quiet = Enumerable.Range(0, 39).Select(i => Figure($"f{i}", 0.05, 1)).Append(Figure("a", 0.05, 100, 50, 75));
        Assert.True(Measure([], [.. quiet]).IsSteady);
    }

    [Theory]
    [InlineData(new[] { 32, 1024, 16384 }, new double[] { 230, 110, 75, 25 })]
    [InlineData(new[] { 48, 512 }, new double[] { 100, 50, 10 })]
    [InlineData(new[] { 128 }, new double[] { 100, 50 })]
    public void Caches_end_where_reading_gets_slower(int[] sizes, double[] speeds)
    {
        // Past its end a cache still helps a little.
        double Speed(long bytes)
        {
            int level = Array.FindIndex(sizes, kiB => bytes <= kiB * 1024L);
            if (level < 0) level = sizes.Length;
            bool isPast = level > 0 && bytes <= sizes[level - 1] * 1536L;
            return isPast ? (speeds[level] + speeds[level - 1]) / 2.6 : speeds[level] * (1 + 0.02 * (bytes % 3));
        }
        Assert.Equal(sizes, CacheSizes.ByMeasuring(Speed));
    }

    [Fact]
    public void A_curve_that_never_falls_is_one_cache() => Assert.Single(CacheSizes.ByMeasuring(_ => 10));

    [Fact]
    public void What_the_system_says_of_caches_is_shared_out_to_cores()
    {
        foreach (var (index, text) in new[] { "1 Data 48K 0", "1 Instruction 32K 0", "2 Unified 2048K 0", "3 Unified 36M 0-3,8" }.Index())
        {
            string[] words = text.Split(' ');
            Directory.CreateDirectory(folder.At("cache", $"index{index}"));
            foreach (var (name, word) in new[] { "level", "type", "size", "shared_cpu_list" }.Zip(words))
                File.WriteAllText(folder.At("cache", $"index{index}", name), word + "\n");
        }
        Assert.Equal([48, 2048, 36 * 1024 / 5], CacheSizes.OfSystem(folder.At("cache")));
        Assert.Empty(CacheSizes.OfSystem(folder.At("nowhere")));
    }

    [Fact]
    public void Every_profile_prints_and_reads_back()
    {
        foreach (var profile in TargetProfiles.Standard().All)
            Assert.Equal(profile, new TargetProfiles().Add(TargetProfileWriter.Print(profile), "x.target.json"));
        var unsure = TargetProfiles.Standard()["cpu-avx512"] with
        {
            IsUnsure = true, MemoryStoreGBs = 12.5, Caches = [new CacheLevel(32, 100, 7.25)], Source = "Say \"so\"\\.",
        };
        Assert.Equal(unsure, new TargetProfiles().Add(TargetProfileWriter.Print(unsure), "x.target.json"));
    }

    [Fact]
    public void The_verb_writes_a_profile_that_any_verb_takes()
    {
        string file = folder.At("mine.target.json");
        var json = CliRun.Good("calibrate", "--target", "cpu-scalar", "--seconds", "0", "--name", "mine", "-o", file, "-q", "--json").Json;
        Assert.Equal(("cpu-scalar", "mine", file), (json.GetProperty("target").GetString(), json.GetProperty("name").GetString(),
            json.GetProperty("output").GetString()));
        Assert.True(json.GetProperty("rounds").GetInt32() >= 3);
        var mine = new TargetProfiles().Add(File.ReadAllText(file), file);
        Assert.Equal(("mine", 0, false, !json.GetProperty("isSteady").GetBoolean()),
            (mine.Name, mine.VectorBits, mine.IsMeasured, mine.IsUnsure));
        Assert.InRange(mine.PeakGFlops, 0.1, 100);
        Assert.NotNull(mine.EfficiencyOf(4, 2));
        Assert.All(mine.TileEfficiency, tile => Assert.InRange(tile.Share, 0.01, 1));
        var figures = json.GetProperty("figures").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!);
        Assert.Equal(TargetProfiles.Standard()["cpu-scalar"].PeakGFlops, figures["peak"].GetProperty("was").GetDouble());
        Assert.Contains("tile 4x2", figures.Keys);

        Assert.Contains("mine", CliRun.Good("targets", "show", file).Out);
        string model = CliModels.Write(folder);
        Assert.Contains("mine", CliRun.Good("roofline", model, "--target", file).Out);
        Assert.Equal("cpu-avx2,mine", CliRun.Good("compile", model, "--target", $"cpu-avx2,{file}", "-o", folder.At("out"), "-q", "--json")
            .Json.GetProperty("target").GetString());
    }

    [Fact]
    public void A_profile_is_never_written_over_and_all_is_said_before_measuring()
    {
        string file = folder.At("old.target.json");
        File.WriteAllText(file, "{}");
        CliRun.Bad(3, ["NNC7106", "never written over"], "calibrate", "-o", file);
        Assert.Equal("{}", File.ReadAllText(file));
        CliRun.Bad(2, ["NNC2102", "does not exist"], "calibrate", "-o", folder.At("nowhere", "new.target.json"));
        CliRun.Bad(2, ["NNC5002", "stands for another target"], "calibrate", "--name", "cpu-avx512");
        CliRun.Bad(2, ["NNC5002", "\"Mine\" is no name"], "calibrate", "--name", "Mine");
        CliRun.Bad(3, ["NNC5005", "does not run wasm-simd128"], "calibrate", "--target", "wasm-simd128");
        CliRun.Bad(1, ["NNC5001", "did you mean"], "calibrate", "--target", "cpu-avx3");
        CliRun.Bad(1, ["NNC7001", "--seconds"], "calibrate", "--seconds", "-1");
        CliRun.Bad(2, ["NNC2001", "no such file"], "targets", "show", folder.At("none.target.json"));
        CliRun.Bad(2, ["NNC5002", "\"name\" is missing"], "targets", "show", file);
    }

    [Fact]
    public void A_name_that_is_left_to_nncc_is_numbered()
    {
        var table = TargetProfiles.Standard();
        string wanted = folder.At("new.target.json");
        Assert.Equal(("cpu-avx2-here", wanted), Two(CalibrationFile.Choose("cpu-avx2", null, wanted, table)));
        var file = CalibrationFile.Choose("cpu-avx2", "mine", wanted, table);
        file.Write(table["cpu-avx2"] with { Name = "mine" });
        Assert.Throws<NnccException>(() => file.Write(table["cpu-avx2"]));
        table.Resolve(wanted);
        table.Add(table["mine"] with { Name = "cpu-avx2-here" });
        Assert.Equal("cpu-avx2-here-2", CalibrationFile.Choose("cpu-avx2", null, folder.At("x.target.json"), table).Name);
        Assert.Same(table.Resolve(wanted), table["mine"]);
        Assert.Equal(["new.target.json"], Directory.EnumerateFileSystemEntries(folder.Path).Select(Path.GetFileName));

        static (string, string) Two(CalibrationFile file) => (file.Name, file.Path);
    }
}
