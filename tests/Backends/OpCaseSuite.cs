using System.Collections.Immutable;
using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;
using Nncc.Tests.Laws;

namespace Nncc.Tests.Backends;

/// <summary>
/// The cases of the laws of ops as emitted C#: those of an op that the backend computes stand in one program, and all programs in one
/// compilation.
/// </summary>
public sealed class OpCaseSuite : IDisposable
{
    private static readonly TargetProfile Target = TargetProfiles.Standard()["cpu-avx2"];
    private static readonly IFusionStrategy Strategy = new NoFusion();

    private readonly ProgramBatch batch = new(Target);
    private readonly Dictionary<string, (Graph Graph, ImmutableArray<Datum> Inputs)> programs = [];
    private readonly SortedDictionary<string, string> refused = new(StringComparer.Ordinal);

    /// <summary>Prepares all ops.</summary>
    public OpCaseSuite()
    {
        foreach (var op in OpCase.All.GroupBy(c => c.Op.FullName)) AddProgram(op.Key, op);
        foreach (var op in SpecialNumbers.Cases.GroupBy(c => c.Op.FullName)) AddProgram($"{op.Key} special", op);
    }

    /// <summary>Names of the programs.</summary>
    public static IEnumerable<string> Names =>
        OpCase.All.Select(c => c.Op.FullName).Concat(SpecialNumbers.Cases.Select(c => $"{c.Op.FullName} special")).Distinct();

    /// <summary>Ops of which no case is computed, with the reason for the first one.</summary>
    public IReadOnlyDictionary<string, string> Refused => refused;

    /// <summary>Fails unless the program's results agree with the evaluator's; null where there is no such program.</summary>
    public void Check(string name)
    {
        if (!programs.TryGetValue(name, out var program)) return;
        bool isSpecial = name.EndsWith(" special", StringComparison.Ordinal);
        var expected = new Evaluator(isWide: !isSpecial).Run(program.Graph, [.. program.Inputs]);
        var actual = batch[name].Run([.. program.Inputs.Select(i => Arrays.Of((Tensor)i))], program.Graph.Outputs.Length);
        for (int i = 0; i < actual.Length; i++)
        {
            string what = program.Graph.Outputs[i].Name;
            if (isSpecial) SpecialNumbers.AssertClose((Tensor)expected[i], actual[i], what);
            else Arrays.AssertClose((Tensor)expected[i], actual[i], what);
        }
    }

    private void AddProgram(string name, IEnumerable<OpCase> cases)
    {
        var edit = new GraphEdit("cases");
        var inputs = ImmutableArray.CreateBuilder<Datum>();
        string? reason = null;
        int number = 0;
        foreach (var c in cases)
        {
            if (Accepted(c, ref reason) is not { } isConstant) continue;
            int first = inputs.Count;
            var node = Append(edit, c, isConstant, inputs);
            for (int i = 0; i < node.Outputs.Length; i++) edit.AddOutput($"{number}.{i}: {c}", node.Outputs[i]);
            number++;
        }
        if (number == 0)
        {
            if (!name.EndsWith(" special", StringComparison.Ordinal)) refused[name] = reason ?? "operands that are no tensors";
            return;
        }
        var graph = edit.Freeze();
        programs[name] = (graph, inputs.ToImmutable());
        batch.Add(name, Strategy, backend => backend.Lower(graph, Context));
    }

    // Which operands must be constants for the backend to compute the case; null where it does not.
    private static Func<int, bool>? Accepted(OpCase c, ref string? reason)
    {
        if (c.Operands.Any(o => o is not (null or Tensor))) return null;
        foreach (var isConstant in new Func<int, bool>[] { _ => false, i => i > 0, _ => true })
        {
            var edit = new GraphEdit("case");
            try
            {
                var node = Append(edit, c, isConstant, ImmutableArray.CreateBuilder<Datum>());
                foreach (int output in node.Outputs) edit.AddOutput(edit[output].Name, output);
                _ = new CSharpBackend(Target, Strategy).Lower(edit.Freeze(), Context);
                return isConstant;
            }
            catch (NnccException e)
            {
                reason ??= e.Faults[0].Message;
            }
        }
        return null;
    }

    private static Node Append(GraphEdit edit, OpCase c, Func<int, bool> isConstant, ImmutableArray<Datum>.Builder inputs)
    {
        var operands = new int[c.Operands.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = c.Operands[i] is not Tensor tensor ? Node.Absent
                : isConstant(i) ? edit.AddConstant(tensor) : edit.AddInput($"x{inputs.Count}", tensor.Type);
            if (c.Operands[i] is Tensor given && !isConstant(i)) inputs.Add(given);
        }
        return edit.Insert(c.Op, operands, Provenance.Of("case"), [.. Enumerable.Range(0, c.Results).Select(i => $"y{i}")]);
    }

    private static PassContext Context => new(OpRegistry.Standard());

    public void Dispose() => batch.Dispose();
}
