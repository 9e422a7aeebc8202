using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Nncc.Backends.CSharp;
using Nncc.Backends.CSharp.Kernels;
using Nncc.Backends.CSharp.Kernels.Blocked;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Calibration;

/// <summary>
/// The register tiles of a target as emitted code has them: rows of a, in place, against a packed panel of b, from the nearest caches.
/// </summary>
internal sealed unsafe class TileProbe : IDisposable
{
    // Steps of the sum in a long and a short call: their difference is the loop alone. A panel of the long one is in the second level.
    private const int LongSteps = 320, ShortSteps = 64, Calls = 8, MostRows = 64, MostColumns = 8 * 16;

    private readonly AssemblyLoadContext context = new("tiles", isCollectible: true);
    private readonly Action<int, int, nint> call;
    private readonly float* memory;

    /// <summary>Emits and compiles the tiles of a target.</summary>
    public TileProbe(TargetProfile target)
    {
        var dialect = VectorDialect.For(target, DType.Float32);
        Shapes = [.. ProductTile.Shapes(target, dialect.IsScalar)
            .Concat(dialect.IsScalar ? [] : Blocked(target)).Distinct().OrderBy(s => s.Vectors).ThenBy(s => s.Rows)];
        var assembly = context.LoadFromStream(new MemoryStream(HostCompiler.Compile([("Tiles.cs", Source(dialect))], "tiles")));
        var run = (delegate*<int, int, float*, float*, float*, nint, void>)assembly.GetType("Tiles")!
            .GetMethod("Run", BindingFlags.Public | BindingFlags.Static)!.MethodHandle.GetFunctionPointer();
        const int operands = (MostRows + MostColumns) * LongSteps, all = operands + MostRows * MostColumns;
        memory = (float*)NativeMemory.AlignedAlloc(all * sizeof(float), 64);
        float* a = memory, b = memory + MostRows * LongSteps, c = memory + operands;
        new Span<float>(memory, all).Fill(0.5f);
        call = (tile, count, k) => run(tile, count, c, a, b, k);
    }

    /// <summary>The tiles.</summary>
    public ImmutableArray<(int Rows, int Vectors)> Shapes { get; }

    /// <summary>
    /// Multiply-adds of a vector that the loop of a tile makes in a second, by the shortest of some calls.
    /// </summary>
    /// <param name="tile">Number of the tile among <see cref="Shapes"/>.</param>
    /// <param name="timed">Times calls.</param>
    /// <param name="milliseconds">How long.</param>
    public double Rate(int tile, Benchmarks.TimedWork timed, double milliseconds)
    {
        double longest = 1 / timed.Rate(() => call(tile, Calls, LongSteps), milliseconds).Best;
        double shortest = 1 / timed.Rate(() => call(tile, Calls, ShortSteps), milliseconds).Best;
        var (rows, vectors) = Shapes[tile];
        return (double)rows * vectors * (LongSteps - ShortSteps) * Calls / Math.Max(1e-9, longest - shortest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        context.Unload();
        NativeMemory.AlignedFree(memory);
    }

    private static IEnumerable<(int Rows, int Vectors)> Blocked(TargetProfile target) =>
        BlockedTile.Shapes(target, long.MaxValue, long.MaxValue).Select(s => (s.Pixels, s.Vectors));

    private string Source(VectorDialect dialect)
    {
        var source = new KernelSource();
        var tiles = Shapes.Select(s =>
            new ProductTile(s.Rows, s.Vectors, dialect, [], (_, _, _, sum) => sum, "", true, DType.Float32)).ToArray();
        foreach (var tile in tiles) tile.Emit(source, ragged: false);
        var code = new CodeWriter();
        code.Line("using System.Runtime.CompilerServices;");
        code.Line("using System.Runtime.Intrinsics;");
        code.Block("public static unsafe class Tiles", () =>
        {
            foreach (string method in source.Methods) code.Line(method.TrimEnd('\n'));
            code.Line("[MethodImpl(MethodImplOptions.AggressiveOptimization)]");
            code.Block("public static void Run(int tile, int count, float* c, float* a, float* b, nint k)", () =>
                code.Block("switch (tile)", () =>
                {
                    foreach (var (i, tile) in tiles.Index())
                    {
                        code.Line($"case {i}:");
                        code.Line($"    for (; count > 0; count--) {tile.Name(false)}(c, {tile.Columns}, a, {LongSteps}, 1, b, k);");
                        code.Line("    break;");
                    }
                }));
        });
        return code.ToString();
    }
}
