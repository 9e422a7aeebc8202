using Nncc.Passes.Programs;

namespace Nncc.Backends.CSharp;

/// <summary>
/// Prints the loop over bands of a chain. Of the step with the number k, <c>has{k}</c> is how many rows are computed and <c>end{k}</c> how
/// many are behind this band; the rows that are held of its result begin with <c>from{k}</c>, which lies before the first row where windows
/// do.
/// </summary>
/// <param name="source">Prints places and calls.</param>
/// <param name="program">The program.</param>
/// <param name="isTimed">Whether the time of each step is taken.</param>
internal sealed class BandSource(StepSource source, ModelProgram program, bool isTimed)
{
    /// <summary>Prints the chain, or each thread's bands of it.</summary>
    public void Print(CodeWriter code, BandChain chain, bool isShared)
    {
        var last = program.Steps[chain.Last];
        if (chain.Count > 1)
            code.Line("// Rows of the following in turn, so that a few of them lie in a near cache between one and the next.");
        if (!isShared) Loop(code, chain, "0", $"{last.Bands!.Rows}", isShared);
        else if (last.Split is not { } split)
        {
            code.Line("if (thread == 0)");
            Loop(code, chain, "0", $"{last.Bands!.Rows}", isShared);
        }
        else
        {
            string piece = $"piece{chain.Last}";
            code.Line($"var {piece} = team.Share(thread, {split.Count}, {split.Grain});");
            code.Line($"if ({piece}.Count > 0)");
            Loop(code, chain, $"{piece}.First", $"{piece}.First + {piece}.Count", isShared);
        }
        if (!isTimed || !isShared) return;
        code.Line("team.Wait();");
        code.Line("if (thread == 0) start = System.Diagnostics.Stopwatch.GetTimestamp();");
    }

    private void Loop(CodeWriter code, BandChain chain, string first, string end, bool isShared) => code.Block("", () =>
    {
        if (chain.Count == 1)
        {
            code.Line($"nint has{chain.Last} = {first}, end{chain.Last} = {end};");
            Step(code, chain, chain.Last, isShared);
            return;
        }
        code.Line($"nint first{chain.Last} = {first}, last{chain.Last} = {end};");
        for (int i = chain.Last - 1; i >= chain.First; i--)
            code.Line($"nint from{i} = {Windowed(i, i + 1 == chain.Last ? $"first{i + 1}" : $"has{i + 1}")}, has{i} = "
                + $"Math.Max(0, from{i});");
        code.Block($"for (nint has{chain.Last} = first{chain.Last}; has{chain.Last} < last{chain.Last};)", () =>
        {
            code.Line($"nint end{chain.Last} = Math.Min(has{chain.Last} + {chain.Rows}, last{chain.Last});");
            for (int i = chain.Last - 1; i >= chain.First; i--)
            {
                var image = program.Steps[i + 1].Bands!.Image!;
                string reached = image.Reach == image.Stride ? $"end{i + 1} * {image.Stride}"
                    : $"(end{i + 1} - 1) * {image.Stride} + {image.Reach}";
                code.Line($"nint end{i} = Math.Min({reached}{Less(image.Begin)}, {program.Steps[i].Bands!.Rows});");
            }
            for (int i = chain.First; i <= chain.Last; i++) Step(code, chain, i, isShared);
            for (int i = chain.Last - 1; i >= chain.First; i--) Keep(code, chain, i, isShared);
        });
    });

    // The row of step i's result at which the windows of the next step's row begin.
    private string Windowed(int i, string row)
    {
        var image = program.Steps[i + 1].Bands!.Image!;
        return $"{row} * {image.Stride}{Less(image.Begin)}";
    }

    private static string Less(long begin) => begin == 0 ? "" : $" - {begin}";

    private void Step(CodeWriter code, BandChain chain, int i, bool isShared)
    {
        var step = program.Steps[i];
        var bands = step.Bands!;
        if (!step.Origin.Nodes.IsEmpty) code.Line($"// {SourceText.Nodes(step.Origin.Nodes)}");
        if (bands.Top > 0) code.Line($"nint top{i} = has{i} == 0 ? {bands.Top} : 0;");
        if (bands.Bottom > 0)
        {
            string stored = i == chain.Last ? $"{bands.Bottom}"
                : $"Math.Min({bands.Bottom}, from{i} + {chain.Held[i - chain.First] - bands.Rows})";
            code.Line($"nint bottom{i} = end{i} == {bands.Rows} ? {stored} : 0;");
        }
        code.Line($"{source.Print(code, step, (argument, number) => Argument(chain, i, argument, number, isShared))};");
        if (isTimed) code.Line($"{(isShared ? "if (thread == 0) " : "")}start = Lap(t + {i}, start);");
        if (chain.Count > 1) code.Line($"has{i} = end{i};");
    }

    private string Argument(BandChain chain, int i, StepArgument argument, int number, bool isShared)
    {
        var bands = program.Steps[i].Bands!;
        string above = bands.Top > 0 ? $"has{i} - top{i}" : $"has{i}";
        if (argument is PointerArgument pointer)
        {
            string place;
            if (number == 0 && i < chain.Last) place = $"{source.Place(pointer, 0)} + ({above} - from{i}) * {bands.RowBytes}";
            else if (number == 0)
            {
                string row = bands.Top > 0 ? $"({above})" : above;
                place = $"{source.Place(pointer, bands.Top * bands.RowBytes)} + {row} * {bands.RowBytes}";
            }
            else if (i > chain.First && number == bands.Image!.Argument)
            {
                long row = program.Steps[i - 1].Bands!.RowBytes;
                place = $"{source.Place(pointer, -bands.Image.Top * row)}{Moved(pointer)} - from{i - 1} * {row}";
            }
            else place = source.Place(pointer, 0) + Moved(pointer);
            return source.Typed(pointer, place + Own(pointer, isShared));
        }
        if (number == bands.RowsArgument) return $"end{i} - has{i}";
        if (number == bands.TopArgument) return bands.Top > 0 ? $"top{i}" : "0";
        if (number == bands.BottomArgument) return bands.Bottom > 0 ? $"bottom{i}" : "0";
        if (number == bands.PlaneArgument && i < chain.Last) return $"{Plane(chain, i) / sizeof(float)}";
        if (i > chain.First && number == bands.Image!.PlaneArgument) return $"{Plane(chain, i - 1) / sizeof(float)}";
        return argument is IntegerArgument { RowStep: not 0 } integer
            ? $"{integer.Value} {(integer.RowStep < 0 ? "-" : "+")} has{i} * {Math.Abs(integer.RowStep)}" : source.Argument(argument, null);

        string Moved(PointerArgument moved) => moved.RowBytes == 0 ? "" : $" + has{i} * {moved.RowBytes}";
    }

    // What moves a pointer to the thread's own memory.
    private static string Own(PointerArgument pointer, bool isShared) =>
        isShared && pointer.ThreadBytes > 0 ? $" + thread * {pointer.ThreadBytes}" : "";

    // Bytes of a plane of what is held of step i's result.
    private long Plane(BandChain chain, int i) => chain.Held[i - chain.First] * program.Steps[i].Bands!.RowBytes;

    private void Keep(CodeWriter code, BandChain chain, int i, bool isShared)
    {
        var (bands, image) = (program.Steps[i].Bands!, program.Steps[i + 1].Bands!.Image!);
        string next = Windowed(i, $"has{i + 1}");
        var held = (PointerArgument)program.Steps[i].Arguments[0];
        if (image.Reach > image.Stride)
            code.Line(code.Call("Bands.Keep", [$"{source.Place(held, 0)}{Own(held, isShared)}", $"{bands.Planes}", $"{Plane(chain, i)}",
                $"({next} - from{i}) * {bands.RowBytes}", $"{(image.Reach - image.Stride) * bands.RowBytes}"]) + ";");
        code.Line($"from{i} = {next};");
    }
}
