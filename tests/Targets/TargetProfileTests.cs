using Nncc.IR;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Targets;

/// <summary>Profiles as data: what the files of the library say, and what is refused.</summary>
public class TargetProfileTests
{
    private const string Good = """
        {
          "name": "toy", "aliases": ["plaything"], "architecture": "any", "features": [], "vectorBits": 0, "vectorRegisters": 16,
          "fmasPerCycle": 1, "clockGHz": 2, "cores": 2, "caches": [{ "kiB": 32, "gBs": 100, "storeGBs": 50 }, { "kiB": 512, "gBs": 60 }],
          "memoryGBs": 10, "memoryStoreGBs": 5, "callNs": 2, "forkJoinNs": 700, "tileEfficiency": { "14x2": 0.97, "1x1": 0.25 },
          "hazards": [], "source": "Made up.", "isMeasured": false
        }
        """;

    private static readonly TargetProfiles Standard = TargetProfiles.Standard();

    public static TheoryData<string> Names => [.. Standard.All.Select(p => p.Name)];

    [Theory, MemberData(nameof(Names))]
    public void A_profile_lies_in_a_file_of_its_name_and_says_where_it_comes_from(string name)
    {
        var profile = Standard[name];
        Assert.NotNull(typeof(TargetProfile).Assembly.GetManifestResourceInfo($"{name}.target.json"));
        Assert.EndsWith(".", profile.Source);
        Assert.All(profile.TileEfficiency, tile => Assert.True(tile.Rows * tile.Vectors + tile.Vectors <= profile.VectorRegisters));
        Assert.False(profile.IsUnsure);
    }

    [Fact]
    public void Predictions_for_machines_that_nobody_measured_are_labelled_so()
    {
        foreach (string name in new[] { "wasm-simd128", "cpu-neon", "cpu-neon-apple-m", "cpu-avx512-skx", "cpu-avx512-zen5", "cpu-avx2-vnni" })
            Assert.False(Standard[name].IsMeasured, name);
        Assert.True(Standard["cpu-avx512-zen4"].IsMeasured);
    }

    [Fact]
    public void Every_member_is_read()
    {
        var toy = new TargetProfiles().Add(Good, "toy.target.json");
        Assert.Equal(("toy", "any", 0, 16, false), (toy.Name, toy.Architecture, toy.VectorBits, toy.VectorRegisters, toy.HasFma));
        Assert.Equal((1.0, 2.0, 2), (toy.FmasPerCycle, toy.ClockGHz, toy.Cores));
        Assert.Equal((10.0, 2.0, 700.0), (toy.MemoryGBs, toy.CallNs, toy.ForkJoinNs));
        Assert.Equal([new CacheLevel(32, 100, 50), new CacheLevel(512, 60)], toy.Caches);
        Assert.Equal((0.97, 0.25, null), (toy.EfficiencyOf(14, 2), toy.EfficiencyOf(1, 1), toy.EfficiencyOf(2, 14)));
        Assert.Equal((100, 60, 10), (toy.BandwidthFor(32768), toy.BandwidthFor(32769), toy.BandwidthFor(1e9)));
        Assert.Equal((50, 60, 5), (toy.StoreBandwidthFor(1), toy.StoreBandwidthFor(40000), toy.StoreBandwidthFor(1e9)));
        Assert.Equal(("Made up.", false, false), (toy.Source, toy.IsMeasured, toy.IsUnsure));
        Assert.True(toy.IsCalled("plaything") && toy.IsCalled("toy") && !toy.IsCalled("Toy"));
    }

    [Theory]
    [InlineData("cpu-avx512", "cpu-avx512-zen5")]
    [InlineData("cpu-neon", "cpu-neon-a72")]
    public void An_alias_stands_for_its_profile(string alias, string name) => Assert.Equal(name, Standard[alias].Name);

    [Theory]
    [InlineData("\"features\": []", "\"features\": [\"avx5l2\", \"neom\"]", "\"avx5l2\" is no feature", "did you mean \"avx512",
        "\"neom\" is no feature", "did you mean \"neon\"")]
    [InlineData("\"architecture\": \"any\", \"features\": []", "\"architecture\": \"arm64\", \"features\": [\"avx2\"]",
        "\"avx2\" is no feature of arm64")]
    [InlineData("\"architecture\": \"any\"", "\"architecture\": \"x86\"", "\"x86\" is no architecture")]
    [InlineData("\"vectorBits\": 0", "\"vectorBits\": 256", "the widest vectors of the features have 0")]
    [InlineData("\"vectorBits\": 0", "\"vectorBits\": 64", "vectorBits is 64")]
    [InlineData("\"vectorRegisters\": 16", "\"vectorRegisters\": 16.5", "\"vectorRegisters\" is 16.5")]
    [InlineData("\"clockGHz\": 2, \"cores\": 2", "\"clockGHz\": 2000, \"cores\": 0", "\"clockGHz\" is 2000", "\"cores\" is 0")]
    [InlineData("\"clockGHz\": 2, \"cores\": 2,", "", "\"clockGHz\" is missing", "\"cores\" is missing")]
    [InlineData("\"clockGHz\": 2,", "\"clockGhz\": 2, \"memoryGbs\": -1,", "\"clockGHz\" is missing",
        "\"clockGhz\" is no member", "did you mean \"clockGHz\"", "\"memoryGbs\" is no member", "did you mean \"memoryGBs\"")]
    [InlineData("\"memoryGBs\": 10", "\"memoryGBs\": \"10\"", "\"memoryGBs\" is \"10\"", "write a number")]
    [InlineData("\"memoryGBs\": 10", "\"memoryGBs\": 1e400", "\"memoryGBs\" is ")]
    [InlineData("\"memoryGBs\": 10", "\"memoryGBs\": 61", "farther level of memory is read faster")]
    [InlineData("\"kiB\": 512", "\"kiB\": 16", "caches do not grow")]
    [InlineData("{ \"kiB\": 512, \"gBs\": 60 }", "{ \"kib\": 512 }, 7", "\"kiB\" is missing, in caches[1]", "\"gBs\" is missing, in caches[1]",
        "\"kib\" is no member, in caches[1]", "caches[2] is no object")]
    [InlineData("\"14x2\": 0.97", "\"14*2\": 0.97, \"0x1\": 1, \"3x1\": 3", "\"14*2\" is no tile", "\"0x1\" is no tile",
        "\"tileEfficiency: 3x1\" is 3")]
    [InlineData("\"isMeasured\": false", "\"isMeasured\": 0", "\"isMeasured\" is 0", "write true or false")]
    [InlineData("\"callNs\": 2", "\"callNs\": 2, \"callNs\": 3", "\"callNs\" is given twice")]
    [InlineData("\"toy\"", "\"Toy, too\"", "\"Toy, too\" is no name of a target")]
    [InlineData("\"plaything\"", "\"host\"", "\"host\" is no name of a target")]
    [InlineData("\"plaything\"", "\"toy\"", "is called \"toy\" twice")]
    [InlineData("\"toy\"", "\"cpu-neon\"", "the name \"cpu-neon\" stands for another target, cpu-neon-a72")]
    [InlineData("\"plaything\"", "\"cpu-avx2\"", "the name \"cpu-avx2\" stands for another target")]
    public void All_that_is_wrong_is_said_at_once(string was, string becomes, params string[] expected)
    {
        Assert.Contains(was, Good);
        var table = TargetProfiles.Standard();
        var fault = Assert.Throws<NnccException>(() => table.Add(Good.Replace(was, becomes), "toy.target.json"));
        Assert.All(fault.Faults, f => Assert.Equal((FaultCodes.BadTarget, "toy.target.json"), (f.Code, f.Place)));
        string all = string.Join('\n', fault.Faults.Select(f => $"{f.Message}: {f.Advice}"));
        foreach (string text in expected) Assert.Contains(text, all);
        Assert.Equal(Standard.Names, table.Names);
    }

    [Theory]
    [InlineData("{", "not JSON")]
    [InlineData("[]", "the file is no object")]
    [InlineData("null", "the file is no object")]
    public void What_is_no_object_is_told_so(string json, string message) => Assert.Contains(Assert.Throws<NnccException>(() =>
        new TargetProfiles().Add(json, "toy.target.json")).Faults, f => f.Message.Contains(message));

    [Fact]
    public void Of_equals_the_host_is_the_one_whose_peak_is_the_nearest()
    {
        var table = new TargetProfiles();
        foreach (var (name, clock) in new[] { ("a", 1), ("b", 2), ("c", 4) })
            table.Add(Good.Replace("toy", name).Replace("plaything", $"{name}-too")
                .Replace("\"clockGHz\": 2", $"\"clockGHz\": {clock}"), name);
        foreach (var foreign in Standard.All.Where(p => p.Architecture is "wasm" or "arm64" or "x64")) table.Add(foreign);
        var able = table.All.Where(HostTarget.Runs).ToList();
        Assert.Equal(["a", "b", "c"], able.Where(p => p.Architecture == "any").Select(p => p.Name));
        Assert.DoesNotContain(able, p => p.Architecture == "wasm");
        Assert.True(able.Select(p => p.Architecture).Where(a => a != "any").Distinct().Count() <= 1);

        var equals = new TargetProfiles();
        foreach (string name in new[] { "a", "b", "c" }) equals.Add(table[name]);
        Assert.Equal("a", HostTarget.Find(equals, "maker 1", null).Name);
        Assert.Equal(["a", "b", "c"], new double[] { 2.1, 5, 100 }.Select(peak => HostTarget.Find(equals, null, _ => peak).Name));
        equals.Add(table["b"] with { Name = "d", Aliases = default, Processors = ["maker 1", "maker 2"] });
        Assert.Equal("d", HostTarget.Find(equals, "maker 2", _ => 100).Name);
        Assert.Equal("c", HostTarget.Find(equals, "maker 3", _ => 100).Name);
        Assert.Throws<NnccException>(() => HostTarget.Find(new TargetProfiles(), null, null));
    }
}
