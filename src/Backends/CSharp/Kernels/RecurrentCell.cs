using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Nncc.IR.Ops;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>A recurrent op with its sizes, and which operands and results it has.</summary>
internal sealed class RecurrentCell
{
    private readonly KernelRegion region;
    private readonly Node node;

    public RecurrentCell(KernelRegion region)
    {
        this.region = region;
        node = region.Body.Nodes[0];
        Op = (RecurrentOp)node.Op;
        long[] x = MoveArguments.Dims(region, node.Inputs[0]), r = MoveArguments.Dims(region, node.Inputs[2]);
        (Steps, Batch, Inputs) = Op.Layout ? ((int)x[1], (int)x[0], (int)x[2]) : ((int)x[0], (int)x[1], (int)x[2]);
        (Directions, Hidden) = ((int)r[0], (int)r[2]);
        Gates = Op switch { LSTM => 4, GRU => 3, _ => 1 };
    }

    public RecurrentOp Op { get; }

    public int Steps { get; }

    public int Batch { get; }

    public int Inputs { get; }

    public int Hidden { get; }

    public int Directions { get; }

    public int Gates { get; }

    public int States => Op is LSTM ? 2 : 1;

    /// <summary>Gates times hidden values.</summary>
    public int Width => Gates * Hidden;

    /// <summary>Whether the reset gate acts on the state before its product with the weights.</summary>
    public bool ResetsState => Op is GRU { LinearBeforeReset: false };

    /// <summary>The products of the state: first gate and number of gates.</summary>
    public ImmutableArray<(int First, int Gates)> Products => ResetsState ? [(0, 2), (2, 1)] : [(0, Gates)];

    /// <summary>The optional operands that are given: bias, lengths, initial states, peepholes.</summary>
    public IEnumerable<int> Optionals => Enumerable.Range(3, 5).Where(Has);

    public bool Has(int operand) => operand < node.Inputs.Length && node.Inputs[operand] != Node.Absent;

    public OperandArgument Operand(int index) => new(region.Body[node.Inputs[index]].Slot);

    /// <summary>Which result of the region the op's result is; -1 where nobody uses it.</summary>
    public int Result(int index)
    {
        if (index >= node.Outputs.Length || node.Outputs[index] == Node.Absent) return -1;
        for (int i = 0; i < region.Body.Outputs.Length; i++)
            if (region.Body.Outputs[i].Value == node.Outputs[index]) return i;
        return -1;
    }

    /// <summary>Name of the kernel: all that its text depends on.</summary>
    public string Name(ProductTile tile)
    {
        string key = $"{Op with { HiddenSize = null }}|{string.Join(",", Op.ResolvedActivations)}|{string.Join(",", Optionals)}|"
            + string.Join(",", Enumerable.Range(0, 1 + States).Select(i => Result(i) >= 0));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..6];
        return $"f32_{Op.Name.ToLowerInvariant()}_{hash}_by{tile.Vectors}__{tile.Dialect.Suffix}";
    }
}
