using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.Intrinsics;
using Nncc.Backends.Benchmarks;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Calibration;

/// <summary>
/// Measures this machine with the vectors of a target, and makes a profile of what it finds: the peak, each level of memory, what calls and
/// steps for several threads cost, and what register tiles reach.
/// </summary>
/// <param name="start">The profile whose vectors and instruction sets are used.</param>
/// <param name="clock">The clock.</param>
public sealed class MachineCalibration(TargetProfile start, TimeProvider clock)
{
    private const int Rounds = 1 << 14, Additions = 1 << 14, EmptyCalls = 1 << 14, EmptySteps = 256;
    private const double Ms = 3, MemoryMs = 12, TileMs = 1;

    // Shares by which figures spread on a machine that is not busy.
    private const double OfArithmetic = 0.04, OfCaches = 0.12, OfMemory = 0.2, OfOverheads = 0.4;

    // Memory that no cache holds, and that any machine has.
    private const long LeastMemory = 64L << 20, MostMemory = 512L << 20;

    // Writing is told apart from reading where it differs by more.
    private const double Difference = 0.15;

    private readonly TimedWork timed = new(clock);

    // Multiply-adds of a vector in a second, in the current round: tiles are compared with it at the clock of their moment.
    private double vectors;

    /// <summary>Measures.</summary>
    /// <param name="name">Name of the profile that is made.</param>
    /// <param name="machine">What the machine calls itself.</param>
    /// <param name="time">For about how long; at least three rounds are made.</param>
    /// <param name="busy">Told where the machine was busy, and is measured again.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">This machine does not run code for the profile.</exception>
    public Calibration Run(string name, string machine, TimeSpan time, Action<MeasuredFigures> busy,
        CancellationToken cancellation = default)
    {
        CheckRuns(start);
        int[] sizes = Sizes();
        long far = Math.Clamp(sizes[^1] * 8192L, LeastMemory, MostMemory);
        int cores = Environment.ProcessorCount;
        using var memory = new MemoryProbe(far, start.VectorBits);
        using var tiles = new TileProbe(start);
        using var team = cores > 1 ? new TeamProbe(2) : null;
        var figures = Arithmetic().Concat(Memory(memory, sizes, far)).Concat(Overheads(team)).Concat(Tiles(tiles)).ToImmutableArray();
        var measured = Normalized(new FigureRounds(figures, clock).Run(time, busy, cancellation));
        var profile = Profile(name, $"Measured by nncc calibrate on {machine}, {measured.Rounds} times.", measured, sizes, tiles, cores);
        return new Calibration(profile, start, Compare(profile, measured), measured.Rounds, measured.IsSteady);
    }

    /// <summary>Ends with a fault where this machine does not run code for a profile.</summary>
    /// <exception cref="NnccException">It does not.</exception>
    public static void CheckRuns(TargetProfile profile)
    {
        if (!HostTarget.Runs(profile))
            throw new NnccException(FaultCodes.TargetNotHere,
                $"this machine does not run {profile.Name}, so that it cannot be measured here",
                advice: "measure on a machine that has its instruction sets, or give a target that \"nncc targets list\" marks with yes");
    }

    private int[] Sizes()
    {
        if (CacheSizes.OfSystem() is { Length: > 0 } told) return told;
        using var memory = new MemoryProbe(LeastMemory * 3 / 2, start.VectorBits);
        return CacheSizes.ByMeasuring(bytes => Bandwidth(() => memory.Read(bytes), Ms));
    }

    private IEnumerable<Figure> Arithmetic()
    {
        yield return new Figure("clock", "GHz", OfArithmetic, () =>
            Additions * MultiplyAddProbe.DependentAdditions * timed.Rate(() => MultiplyAddProbe.Additions(Additions, 1), Ms).Best / 1e9);
        yield return new Figure("peak", "GFLOP/s", OfArithmetic, () =>
        {
            vectors = VectorRate(start.VectorBits, start.HasFma);
            return 2 * vectors * start.Lanes(sizeof(float)) / 1e9;
        });
        foreach (var (bits, isHere) in new[]
                 {
                     (128, Vector128.IsHardwareAccelerated), (256, Vector256.IsHardwareAccelerated), (512, Vector512.IsHardwareAccelerated),
                 })
            if (isHere && bits != start.VectorBits)
                yield return new Figure($"peak {bits}", "GFLOP/s", OfArithmetic, () =>
                    2 * VectorRate(bits, hasFma: true) * (bits / 32) / 1e9);
    }

    private double VectorRate(int bits, bool hasFma) =>
        (double)Rounds * MultiplyAddProbe.Chains * timed.Rate(MultiplyAddProbe.Rounds(bits, hasFma, Rounds), Ms).Best;

    private IEnumerable<Figure> Memory(MemoryProbe memory, int[] sizes, long far)
    {
        for (int i = 0; i < sizes.Length; i++)
        {
            // Half of a cache, so that it is this one.
            long bytes = sizes[i] * 512L;
            yield return new Figure($"L{i + 1} read", "GB/s", OfCaches, () => Bandwidth(() => memory.Read(bytes), Ms));
            yield return new Figure($"L{i + 1} write", "GB/s", OfCaches, () => Bandwidth(() => memory.Write(bytes), Ms));
        }
        yield return new Figure("memory read", "GB/s", OfMemory, () => Bandwidth(() => memory.Read(far), MemoryMs));
        yield return new Figure("memory write", "GB/s", OfMemory, () => Bandwidth(() => memory.Write(far), MemoryMs));
        yield return new Figure("memory copy", "GB/s", OfMemory, () => Bandwidth(() => memory.Copy(far), MemoryMs));
    }

    private double Bandwidth(Func<long> work, double milliseconds)
    {
        long bytes = 0;
        double rate = timed.Rate(() => bytes = work(), milliseconds).Best;
        return bytes * rate / 1e9;
    }

    private IEnumerable<Figure> Overheads(TeamProbe? team)
    {
        yield return new Figure("call", "ns", OfOverheads, () =>
            1e9 / (EmptyCalls * timed.Rate(() => CallProbe.Calls(EmptyCalls), Ms).Best));
        if (team is not null)
            yield return new Figure("fork-join", "ns", OfOverheads, () =>
                1e9 / (EmptySteps * timed.Rate(() => team.Steps(EmptySteps), Ms).Best));
    }

    private IEnumerable<Figure> Tiles(TileProbe tiles) => tiles.Shapes.Select((shape, i) =>
        new Figure($"tile {shape.Rows}x{shape.Vectors}", "", OfArithmetic, () => tiles.Rate(i, timed, TileMs) / vectors));

    // The peak is what the fastest loop reaches: where a multiply-add is two instructions, chains of them wait longer than a tile does.
    private static MeasuredFigures Normalized(MeasuredFigures measured)
    {
        double best = measured.Figures.Where(IsTile).Select(f => f.Value).Append(1).Max();
        return measured with
        {
            Figures = [.. measured.Figures.Select(f => f.Name == "peak" ? f with { Value = f.Value * best }
                : IsTile(f) ? f with { Value = f.Value / best } : f)],
        };

        static bool IsTile(MeasuredFigure figure) => figure.Name.StartsWith("tile ", StringComparison.Ordinal);
    }

    private TargetProfile Profile(string name, string source, MeasuredFigures measured, int[] sizes, TileProbe tiles, int cores)
    {
        int lanes = start.Lanes(sizeof(float));
        double peak = measured["peak"];
        // Units start whole multiply-adds, or one in some cycles; the clock under load is what their peak says.
        double fmas = Math.Max(0.25, Math.Round(4 * peak / (2 * lanes * measured["clock"]), MidpointRounding.ToEven) / 4);
        var caches = new List<CacheLevel>();
        foreach (var (i, size) in sizes.Index())
        {
            double read = Math.Min(measured[$"L{i + 1} read"], i == 0 ? double.MaxValue : caches[^1].GBs);
            caches.Add(new CacheLevel(size, Rounded(read), Apart(measured[$"L{i + 1} write"], read)));
        }
        double far = Math.Min(measured["memory read"], caches[^1].GBs);
        return start with
        {
            Name = name, Aliases = [], FmasPerCycle = fmas, ClockGHz = Rounded(peak / (2 * lanes * fmas), 4), Cores = cores,
            Caches = caches.ToEquatable(), MemoryGBs = Rounded(far), MemoryStoreGBs = Apart(measured["memory write"], far),
            CallNs = Rounded(measured["call"]), ForkJoinNs = cores > 1 ? Rounded(measured["fork-join"]) : start.ForkJoinNs,
            TileEfficiency = tiles.Shapes.Select(s => new TileShare(s.Rows, s.Vectors, Rounded(measured[$"tile {s.Rows}x{s.Vectors}"])))
                .ToEquatable(),
            Source = source, IsMeasured = false, IsUnsure = !measured.IsSteady,
        };
    }

    private static double? Apart(double write, double read) => Math.Abs(write / read - 1) > Difference ? Rounded(write) : null;

    private static double Rounded(double value, int digits = 3)
    {
        if (!(value > 0)) return value;
        double unit = 1;
        while (value / unit >= 10) unit *= 10;
        while (value / unit < 1) unit /= 10;
        return (double)(Math.Round((decimal)(value / unit), digits - 1) * (decimal)unit);
    }

    private ImmutableArray<CalibratedFigure> Compare(TargetProfile profile, MeasuredFigures measured)
    {
        var rows = ImmutableArray.CreateBuilder<CalibratedFigure>();
        rows.Add(new("multiply-adds a cycle", "", start.FmasPerCycle, profile.FmasPerCycle, null, true));
        foreach (var (i, cache) in profile.Caches.Index())
            rows.Add(new($"L{i + 1} size", "KiB", i < start.Caches.Count ? start.Caches[i].KiB : null, cache.KiB, null, true));
        foreach (var figure in measured.Figures)
            rows.Add(new(figure.Name, figure.Unit, Was(figure.Name), figure.Value, figure.Spread, figure.IsSteady));
        return rows.ToImmutable();
    }

    // What the profile says of a figure.
    private double? Was(string figure) => figure.Split(' ') switch
    {
        ["clock"] => start.ClockGHz,
        ["peak"] => start.PeakGFlops,
        ["call"] => start.CallNs,
        ["fork-join"] => start.ForkJoinNs,
        ["memory", "read"] => start.MemoryGBs,
        ["memory", "write"] => start.MemoryStoreGBs,
        [['L', var digit], var way] when digit - '1' < start.Caches.Count =>
            way == "read" ? start.Caches[digit - '1'].GBs : start.Caches[digit - '1'].StoreGBs,
        ["tile", var shape] when shape.Split('x') is [var rows, var columns] => start.EfficiencyOf(Number(rows), Number(columns)),
        _ => null,
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
