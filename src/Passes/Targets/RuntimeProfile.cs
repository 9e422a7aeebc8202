namespace Nncc.Passes.Targets;

/// <summary>
/// A runtime that ONNX is written for, as data: what it wants to find in a model, what it does not have, and what is assumed when its speed
/// is predicted. Read from JSON.
/// </summary>
/// <param name="Name">Name, as given to <c>--target</c>.</param>
/// <param name="NewestOpset">Newest opset of ai.onnx whose ops rules may bring in.</param>
/// <param name="LeftOut">Rules and passes that are left out.</param>
/// <param name="Unfolded">Ops of ai.onnx that are not computed ahead.</param>
/// <param name="MissingOps">Ops of ai.onnx that it does not have.</param>
/// <param name="PeakGFlops">Peak of binary32 multiply-adds, in GFLOP/s (two operations each).</param>
/// <param name="MemoryGBs">Bandwidth of its memory, in GB/s.</param>
/// <param name="OpNs">Fixed cost of each op that it runs, in nanoseconds.</param>
/// <param name="Source">Where all that comes from, in a sentence or two.</param>
/// <param name="IsMeasured">Whether predictions with this profile were ever compared with measurements of the runtime.</param>
public sealed record RuntimeProfile(
    string Name, int NewestOpset, EquatableArray<RuntimeWish> LeftOut, EquatableArray<RuntimeWish> Unfolded,
    EquatableArray<string> MissingOps, double PeakGFlops, double MemoryGBs, double OpNs, string Source, bool IsMeasured)
{
    /// <summary>Options of a compilation whose ONNX is for this runtime. What the user decided stays.</summary>
    public CompileOptions Apply(CompileOptions options) => options with
    {
        Disabled = options.Disabled.Union(LeftOut.SelectMany(w => w.Names)),
        Unfolded = options.Unfolded.Union(Unfolded.SelectMany(w => w.Names)),
        NewestOpset = Math.Min(options.NewestOpset ?? NewestOpset, NewestOpset),
    };

    /// <summary>What is to be said of a compilation for it.</summary>
    public IEnumerable<Notice> Notices => LeftOut
        .Select(wish => new Notice(Name, $"left out {string.Join(", ", wish.Names)}: {wish.Because}"))
        .Concat(Unfolded.Select(wish => new Notice(Name, $"{string.Join(", ", wish.Names)} is not computed ahead: {wish.Because}")));

    /// <summary>What the runtime may refuse of a graph: ops that it does not have, and an opset that it may not know.</summary>
    public IEnumerable<Notice> Refusals(Graph graph, int opset) => graph.Nodes
        .Where(n => n.Op.Domain.Length == 0 && MissingOps.Items.Contains(n.Op.Name))
        .Select(n => new Notice(Name, $"the runtime does not have {n.Op.Name}", n.Place))
        .Concat(opset <= NewestOpset ? []
            : [new Notice(Name, $"the model needs opset {opset}, and only newer versions of the runtime take more than {NewestOpset}")]);
}

/// <summary>Something that is done otherwise for a runtime.</summary>
/// <param name="Names">Rules and passes, or ops.</param>
/// <param name="Because">The reason, as half a sentence.</param>
public sealed record RuntimeWish(EquatableArray<string> Names, string Because);
