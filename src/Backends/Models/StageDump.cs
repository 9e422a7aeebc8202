using System.Text;
using Nncc.IR.Onnx;
using Nncc.IR.Text;
using Nncc.Passes;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Transforms;

namespace Nncc.Backends.Models;

/// <summary>A place on the way from a model to its program at which the model can be looked at.</summary>
/// <param name="Name">Name of a stage or a pass.</param>
/// <param name="Summary">What is there.</param>
/// <param name="IsStage">Whether it is a stage (<c>imported</c>, <c>canonical</c>, <c>fused</c>, <c>scheduled</c>, <c>program</c>) and no
/// pass.</param>
public sealed record DumpPoint(string Name, string Summary, bool IsStage);

/// <summary>A model at some place of the compilation: a graph, or the program.</summary>
/// <param name="Graph">The graph; null for the program.</param>
/// <param name="Program">The program; null for a graph.</param>
public sealed record StageDump(Graph? Graph, ModelProgram? Program)
{
    private const string Imported = "imported", Canonical = "canonical", Fused = "fused", Scheduled = "scheduled", Lowered = "program";

    /// <summary>All places for a compiler's options, in order.</summary>
    public static IReadOnlyList<DumpPoint> Points(Compiler compiler) =>
    [
        new(Imported, "the model as read", true),
        .. compiler.Optimization.Passes.Select(p => new DumpPoint(p.Name, p.Summary, false)),
        new(Canonical, "the portable form, from which ONNX is written", true),
        .. compiler.CSharp.Lowering.Passes.Select(p => new DumpPoint(p.Name, p.Summary, false)),
        new(Fused, "the graph as fusions", true),
        new(Scheduled, "the graph with layouts and schedules", true),
        new(Lowered, "kernels, calls, buffers and weights", true),
    ];

    /// <summary>The model after (or before) a pass, or at a stage.</summary>
    /// <param name="compiler">The compiler.</param>
    /// <param name="model">The model as read.</param>
    /// <param name="point">Name of a pass or stage.</param>
    /// <param name="before">The graph that the pass gets in place of the one that it gives.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="NnccException">There is no such place, or the model does not get there.</exception>
    public static StageDump At(Compiler compiler, Model model, string point, bool before = false, CancellationToken cancellation = default)
    {
        var passes = compiler.Optimization.Passes;
        var lowering = compiler.CSharp.Lowering.Passes;
        switch (point)
        {
            case Imported: return new StageDump(model.Graph, null);
            case Canonical: return new StageDump(compiler.Canonicalize(model, cancellation).Graph, null);
            case Scheduled: return new StageDump(compiler.Schedule(model, cancellation).Graph, null);
            case Lowered: return new StageDump(null, compiler.Lower(model, cancellation));
            case Fused: return Lower(lowering.ToList().FindIndex(p => p is FusionPartition) + 1);
        }
        int at = passes.Select(p => p.Name).ToList().IndexOf(point);
        if (at >= 0) return new StageDump(compiler.Run(new Pipeline("canonicalize", passes[..(before ? at : at + 1)]), model, cancellation)
            .Graph, null);
        at = lowering.Select(p => p.Name).ToList().IndexOf(point);
        return at >= 0 ? Lower(before ? at : at + 1)
            : throw new NnccException(FaultCodes.UnknownName, $"there is no pass or stage \"{point}\"",
                advice: Suggestion.For(point, Points(compiler).Select(p => p.Name), "there are"));

        StageDump Lower(int count)
        {
            var canonical = compiler.Canonicalize(model, cancellation);
            compiler.CSharp.Check(canonical.Graph);
            return new StageDump(compiler.Run(new Pipeline("lower", lowering[..count]), canonical, cancellation).Graph, null);
        }
    }

    /// <summary>Writes it as text: .nnir for a graph, which reads back unless weights are elided.</summary>
    public void Write(TextWriter writer, OpRegistry ops, bool elide)
    {
        if (Graph is not null) Printer.Print(Graph, ops, writer, new PrintOptions { Elide = elide });
        else writer.Write(ProgramPrinter.Print(Program!));
    }

    /// <summary>Writes it to a file, with all weights; the file appears complete or not at all.</summary>
    /// <exception cref="NnccException">The file cannot be written.</exception>
    public void Write(string path, OpRegistry ops)
    {
        using var files = new OutputFiles();
        files.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
            Write(writer, ops, elide: false);
        });
        files.Commit();
    }
}
