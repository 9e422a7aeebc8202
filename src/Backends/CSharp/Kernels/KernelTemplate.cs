using System.Collections.Immutable;
using Nncc.Passes;
using Nncc.Passes.Cost;
using Nncc.Passes.Programs;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Backends.CSharp.Kernels;

/// <summary>
/// A family of kernels: which regions it computes, how (its legal schedules), and the C# that does it. It sees nothing of the graph but the
/// region. Extents and strides are arguments of the kernel, so that layers share it; only tile, epilogue and tail are literals. A template
/// of nncc is found by being a type of this assembly; a plugin registers its own.
/// </summary>
public abstract class KernelTemplate : IKernelTemplate
{
    /// <summary>Id in schedules, in kebab-case.</summary>
    public abstract string Id { get; }

    /// <summary>Templates are asked in this order, smallest first; general ones come last.</summary>
    public virtual int Rank => 100;

    /// <summary>
    /// Whether it is for regions of which an operand or a result is not row-major: it is asked about no others then, and others are not
    /// asked about those.
    /// </summary>
    public virtual bool TakesLayouts => false;

    /// <summary>
    /// Whether it sums what the op sums, so that NaN and infinities come out where the op has them (<c>--exact-conv</c>).
    /// </summary>
    public virtual bool IsExact => true;

    /// <summary>
    /// The layouts in which it would compute a region whose layouts are open: the least halo that each operand needs, results without;
    /// null where it does not compute it.
    /// </summary>
    public virtual LayoutChoice? Layouts(KernelRegion region, TargetProfile target) => null;

    /// <summary>Whether it computes the region on the target; the reason where not.</summary>
    public abstract Verdict Accepts(KernelRegion region, TargetProfile target);

    /// <summary>
    /// Sets of nodes around a node that it may compute as one, the best first, each in topological order: where a kernel takes more than
    /// one op with what follows it.
    /// </summary>
    public virtual IEnumerable<ImmutableArray<Node>> Proposals(Graph graph, Node node) => [];

    /// <summary>All legal schedules, best first by the template's own knowledge.</summary>
    public virtual IReadOnlyList<Schedule> Space(KernelRegion region, TargetProfile target) => [new Schedule(Id, [])];

    /// <summary>What a cost model needs to know.</summary>
    public abstract KernelFeatures Features(KernelRegion region, Schedule schedule, TargetProfile target);

    /// <summary>The kernel's name and the call.</summary>
    public abstract KernelPlan Plan(KernelRegion region, Schedule schedule, TargetProfile target);

    /// <summary>Prints the kernel of that name into the program's source; nothing where it is a function of a runtime source.</summary>
    public virtual void Emit(KernelSource source, ProgramKernel kernel, TargetProfile target) { }

    /// <summary>
    /// Vector instructions of the elementwise ops of a region: one for each simple op, more for those that divide or are
    /// approximated by polynomials. Half of them find a unit that multiply-adds leave idle.
    /// </summary>
    protected static double EpilogueOps(KernelRegion region, int lanes) =>
        region.Body.Nodes.Where(n => ElementwiseCode.IsElementwise(n.Op))
            .Sum(node => region.Elements(node.Outputs[0]) * ElementwiseCode.Instructions(region, node)) / lanes / 2;

    /// <summary>Bytes of the code of tiles of so many vectors of results in all, with what follows each.</summary>
    protected static double CodeBytes(KernelRegion region, double vectors)
    {
        const double sums = 4, bytes = 8; // instructions of a sum, and bytes of an instruction
        double following = region.Body.Nodes.Where(n => ElementwiseCode.IsElementwise(n.Op))
            .Sum(n => ElementwiseCode.Instructions(region, n));
        return vectors * (sums + following) * bytes;
    }

    /// <summary>
    /// Features of elementwise ops over rows: whole vectors, for which the instructions of a loop are beside those of the ops, then what is
    /// left of a row one by one.
    /// </summary>
    protected static KernelFeatures RowFeatures(KernelRegion region, double rows, long length, int lanes)
    {
        const double loop = 2, row = 5;
        long vectors = lanes > 1 ? length / lanes : 0, singles = length - vectors * lanes;
        double elements = Math.Max(1, rows * length);
        return PlainFeatures(region, 1, 1) with
        {
            VectorOps = rows * vectors * (loop + EpilogueOps(region, lanes) * lanes / elements),
            Cycles = CycleCosts.Call + rows * (row + singles * CycleCosts.Single(region)),
        };
    }

    /// <summary>Features of a kernel that does what the ops say and reads and writes each byte once.</summary>
    protected static KernelFeatures PlainFeatures(KernelRegion region, int lanes, double efficiency)
    {
        double Number(Dim dim) => dim.Value ?? 0;
        double macs = 0, arithmetic = 0;
        foreach (var node in region.Body.Nodes)
        {
            var work = node.Op.Measure(region.Body.MeasureContext(node));
            macs += Number(work.Macs);
            arithmetic += ElementwiseCode.IsElementwise(node.Op)
                ? Number(Dim.Product(((TensorType)region.Body[node.Outputs[0]].Type).Shape!)) * ElementwiseCode.Instructions(region, node)
                : Number(work.Arithmetic);
        }
        double input = 0, weights = 0;
        for (int i = 0; i < region.Body.Inputs.Length; i++)
        {
            double bytes = Number(MeasureContext.Bytes(region.Body[region.Body.Inputs[i].Value].Type));
            if (region.Constants[i] is null) input += bytes;
            else weights += bytes;
        }
        double output = region.Body.Outputs.Sum(o => Number(MeasureContext.Bytes(region.Body[o.Value].Type)));
        return new KernelFeatures((macs + arithmetic) / lanes, efficiency, input, output, weights, 0);
    }
}

/// <summary>The methods of an emitted program's kernels, each once, and what they need beside them.</summary>
public sealed class KernelSource
{
    private readonly Dictionary<string, string> methods = [];
    private readonly List<string> order = [];
    private readonly SortedSet<string> runtime = new(StringComparer.Ordinal);

    /// <summary>The methods in the order of their first use.</summary>
    public IEnumerable<string> Methods => order.Select(name => methods[name]);

    /// <summary>The methods with their names, in the order of their first use.</summary>
    public IEnumerable<(string Name, string Text)> Named => order.Select(name => (name, methods[name]));

    /// <summary>Runtime sources that the methods need, by unit; those that they name are among them.</summary>
    public IEnumerable<string> Runtime => runtime;

    /// <summary>Whether there is a method of that name.</summary>
    public bool Has(string name) => methods.ContainsKey(name);

    /// <summary>Adds a method; one of the same name must be the same text.</summary>
    public void Add(string name, string text)
    {
        if (!methods.TryAdd(name, text))
        {
            if (methods[name] != text) throw new InvalidOperationException($"two kernels have the name {name}");
            return;
        }
        order.Add(name);
        runtime.UnionWith(RuntimeSources.UnitsIn(text));
    }

    /// <summary>Says that a runtime source file is needed.</summary>
    public void Need(string runtimeFile) => runtime.Add(runtimeFile);
}
