using System.Collections.Immutable;
using Nncc.IR.Ops;
using Nncc.Passes.Cost;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Passes.Programs;

/// <summary>
/// Turns a scheduled graph into a <see cref="ModelProgram"/>: calls in order, buffers with lifetimes and places, packed weights.
/// </summary>
/// <param name="catalog">Says how each region is called.</param>
/// <param name="target">The machine.</param>
/// <param name="cost">Predicts each step.</param>
/// <param name="threads">Threads that an instance may have at most.</param>
public sealed class ProgramBuilder(IKernelCatalog catalog, TargetProfile target, ICostModel cost, int threads = 1)
{
    /// <summary>Handing out a piece and waiting for it costs about as much as this.</summary>
    internal const double LeastNsForThreads = 1500;

    private readonly List<ProgramBuffer> buffers = [];
    private readonly List<ProgramStep> steps = [];
    private readonly List<PackedWeight> weights = [];
    private readonly Dictionary<(Tensor?, WeightTransform), int> packed = [];
    private readonly Dictionary<string, (Schedule Schedule, KernelRegion Region, List<int> Steps)> kernels = [];
    private readonly Dictionary<int, Place> places = []; // by value
    private readonly BandPlanner bands = new(target, cost, threads);
    private long weightBytes;
    private double modelBytes;

    private readonly record struct Place(int Buffer, long Offset = 0);

    /// <summary>The program of a scheduled graph.</summary>
    public static ModelProgram Build(Graph graph, IKernelCatalog catalog, TargetProfile target, ICostModel cost, int threads = 1) =>
        new ProgramBuilder(catalog, target, cost, threads).Run(graph);

    private ModelProgram Run(Graph graph)
    {
        modelBytes = MachineCostModel.ModelBytes(graph);
        foreach (var input in graph.Inputs)
            places[input.Value] =
                new Place(AddBuffer(graph[input.Value].Name, BufferKind.Input, DTypeOf(graph, input.Value), Bytes(graph, input.Value),
                graph[input.Value].Layout, graph[input.Value].Slot));
        direct = DirectOutputs(graph);
        FindPieces(graph);
        foreach (var node in graph.Nodes)
            if (node.Op is Fusion fusion) AddSteps(graph, node, fusion);
        var outputs = AddOutputs(graph);
        var chains = bands.Plan(steps, buffers, modelBytes);
        var (placed, arena) = MemoryPlanner.Place([.. buffers]);
        return new ModelProgram(graph.Name, target,
            [.. graph.Inputs.Select(i =>
                new ProgramPort(graph[i.Value].Name, (TensorType)graph[i.Value].Type, places[i.Value].Buffer, i.Default))],
            outputs, placed, [.. steps],
            [.. kernels.Select(k => new ProgramKernel(k.Key, k.Value.Schedule, k.Value.Region, [.. k.Value.Steps]))],
            [.. weights], arena, weightBytes, threads)
        {
            Chains = chains,
        };
    }

    // An output that a kernel makes lies in the caller's memory from the start; views of other values are copied at the end.
    private Dictionary<int, int> DirectOutputs(Graph graph)
    {
        var direct = new Dictionary<int, int>();
        for (int i = 0; i < graph.Outputs.Length; i++)
        {
            int root = Root(graph, graph.Outputs[i].Value);
            if (graph.Producer(root) is { Op: Fusion }) direct.TryAdd(root, i);
        }
        return direct;
    }

    // The value of which this one is the whole memory.
    private int Root(Graph graph, int value)
    {
        while (graph.Producer(value) is { Op: Fusion fusion } node && PlanOf(graph, node, fusion) is { Views: { IsEmpty: false } views }
            && node.Inputs[views[graph[value].Slot].Operand] is var whole && Bytes(graph, whole).Equals(Bytes(graph, value))) value = whole;
        return value;
    }

    // What a kernel makes can lie in the result that it becomes a piece of, unless the caller's memory or another result has it.
    private void FindPieces(Graph graph)
    {
        var outputs = graph.Outputs.Select(o => o.Value).ToHashSet();
        foreach (var node in graph.Nodes.Reverse())
        {
            if (node.Op is not Fusion fusion) continue;
            foreach (var piece in PlanOf(graph, node, fusion).Pieces)
            {
                int value = node.Inputs[piece.Operand];
                if (graph.Producer(value) is { Op: Fusion producer } made && PlanOf(graph, made, producer).Views.IsEmpty
                    && !direct.ContainsKey(value) && !outputs.Contains(value))
                    within.TryAdd(value, (node.Outputs[0], piece.ByteOffset));
            }
        }
    }

    // Where a result that a kernel makes lies: in a larger one, in the caller's memory, or by itself.
    private Place ResultPlace(Graph graph, int value)
    {
        if (places.TryGetValue(value, out var there)) return there;
        if (within.TryGetValue(value, out var larger))
        {
            var whole = ResultPlace(graph, larger.Value);
            return places[value] = whole with { Offset = whole.Offset + larger.Offset };
        }
        bool isDirect = direct.TryGetValue(value, out int number);
        var kind = isDirect ? BufferKind.Output : BufferKind.Arena;
        return places[value] = new Place(AddBuffer(graph[value].Name, kind, DTypeOf(graph, value), Bytes(graph, value),
            graph[value].Layout, isDirect ? number : 0));
    }

    private KernelPlan PlanOf(Graph graph, Node node, Fusion fusion)
    {
        if (plans.TryGetValue(node.Id, out var plan)) return plan;
        return plans[node.Id] = catalog.Plan(KernelRegion.Of(graph, node), Schedule.Parse(fusion.Schedule!), target);
    }

    private readonly Dictionary<int, KernelPlan> plans = [];

    private Dictionary<int, int> direct = [];

    private readonly Dictionary<int, (int Value, long Offset)> within = [];

    private void AddSteps(Graph graph, Node node, Fusion fusion)
    {
        var region = KernelRegion.Of(graph, node);
        var schedule = Schedule.Parse(fusion.Schedule!);
        var plan = PlanOf(graph, node, fusion);
        for (int i = 0; i < plan.Views.Length; i++)
        {
            var operand = PlaceOf(graph, node.Inputs[plan.Views[i].Operand]);
            places[node.Outputs[i]] = operand with { Offset = operand.Offset + plan.Views[i].ByteOffset };
        }
        if (!plan.Views.IsEmpty) return;
        foreach (int output in node.GivenOutputs) ResultPlace(graph, output);
        if (!plan.Pieces.IsEmpty)
        {
            CopyPieces(graph, node, plan);
            return;
        }
        var features = catalog.Features(region, schedule, target);
        var predicted = cost.Predict(features, target, modelBytes);
        var split = threads > 1 && predicted.TotalNs >= LeastNsForThreads && plan.Split is { } cut && cut.Count > cut.Grain ? cut : null;
        ImmutableArray<StepArgument> arguments = [.. plan.Arguments.Select(a => Argument(graph, node, a, split is not null))];
        foreach (var pointer in arguments.OfType<PointerArgument>()) Touch(pointer.Buffer, steps.Count);
        if (!kernels.TryGetValue(plan.Kernel, out var kernel)) kernels[plan.Kernel] = kernel = (schedule, region, []);
        kernel.Steps.Add(steps.Count);
        bands.Features[steps.Count] = features;
        steps.Add(new ProgramStep(plan.Kernel, arguments, node.Origin, predicted, node.Id) { Split = split, Bands = plan.Bands });
    }

    private void CopyPieces(Graph graph, Node node, KernelPlan plan)
    {
        var whole = places[node.Outputs[0]];
        foreach (var piece in plan.Pieces)
        {
            int value = node.Inputs[piece.Operand];
            var from = PlaceOf(graph, value);
            if (from == whole with { Offset = whole.Offset + piece.ByteOffset }) continue;
            Touch(whole.Buffer, steps.Count);
            Touch(from.Buffer, steps.Count);
            steps.Add(new ProgramStep(CopyKernel, [
                new PointerArgument(whole.Buffer, whole.Offset + piece.ByteOffset, IsWritten: true),
                new PointerArgument(from.Buffer, from.Offset, IsWritten: false), new IntegerArgument(Bytes(graph, value))], node.Origin,
                Copying(Bytes(graph, value).Value!.Value)));
        }
    }

    private KernelCost Copying(double bytes) => cost.Predict(new KernelFeatures(0, 1, bytes, bytes, 0, 0), target, modelBytes);

    private StepArgument Argument(Graph graph, Node node, KernelArgument argument, bool isSplit) => argument switch
    {
        OperandArgument operand => Pointer(PlaceOf(graph, node.Inputs[operand.Index]), operand.ByteOffset, argument, isWritten: false),
        ResultArgument result when isSplit && argument.PieceBytes == 0 =>
            throw new InvalidOperationException($"result {result.Index} of {node.Place} does not move with the pieces that write it"),
        ResultArgument result => Pointer(places[node.Outputs[result.Index]], result.ByteOffset, argument, isWritten: true),
        WeightArgument weight => Pointer(new Place(
            Weight(weight.Index < 0 ? null : graph[node.Inputs[weight.Index]], weight.Index < 0 ? null : graph, weight.Transform)), 0,
            argument, isWritten: false),
        ScratchArgument scratch => Scratch(scratch, isSplit),
        NumberArgument number => new IntegerArgument(number.Value)
        {
            IsPieceCount = number.IsPieceCount, RowStep = number.RowStep,
        },
        NumbersArgument numbers => new IntegersArgument(numbers.Values),
        ConstantArgument constant => new LiteralArgument(constant.Value, constant.DType),
        PlaceArgument => new TextArgument(node.Origin.ToString()),
        _ => throw new InvalidOperationException($"unknown argument {argument}"),
    };

    private static PointerArgument Pointer(Place place, long byteOffset, KernelArgument argument, bool isWritten) =>
        new(place.Buffer, place.Offset + byteOffset, isWritten)
        {
            PieceBytes = argument.PieceBytes, IsShared = argument.IsShared, RowBytes = argument.RowBytes,
        };

    private PointerArgument Scratch(ScratchArgument scratch, bool isSplit)
    {
        long own = isSplit ? MemoryPlanner.Align(scratch.Bytes.Value!.Value) : 0;
        Dim bytes = isSplit ? own * threads : scratch.Bytes;
        return new PointerArgument(AddBuffer("scratch", BufferKind.Arena, scratch.DType, bytes, null, 0), 0, IsWritten: true)
        {
            ThreadBytes = own, IsScratch = true,
        };
    }

    private Place PlaceOf(Graph graph, int value)
    {
        if (places.TryGetValue(value, out var place)) return place;
        return places[value] = new Place(Weight(graph[value], graph, WeightTransform.Plain));
    }

    private int Weight(Value? source, Graph? graph, WeightTransform transform)
    {
        Tensor? tensor = null;
        if (source is not null) graph!.TryConstant(source.Id, out tensor);
        if (packed.TryGetValue((tensor, transform), out int there)) return there;
        long bytes = transform.PackedBytes(tensor);
        long offset = weightBytes;
        string name = source?.Name ?? transform.Name;
        int buffer = AddBuffer(name, BufferKind.Weight, transform.PackedDType(tensor), bytes, null, offset);
        weights.Add(new PackedWeight(buffer, source?.Name ?? "", tensor, transform, offset, bytes));
        weightBytes = MemoryPlanner.Align(offset + bytes);
        return packed[(tensor, transform)] = buffer;
    }

    private ImmutableArray<ProgramPort> AddOutputs(Graph graph)
    {
        var ports = ImmutableArray.CreateBuilder<ProgramPort>();
        for (int i = 0; i < graph.Outputs.Length; i++)
        {
            var output = graph.Outputs[i];
            var type = (TensorType)graph[output.Value].Type;
            var (buffer, offset) = PlaceOf(graph, output.Value);
            if (buffers[buffer].Kind != BufferKind.Output || buffers[buffer].Offset.Value != i)
            {
                int target = AddBuffer(output.Name, BufferKind.Output, type.DType, Bytes(graph, output.Value), null, i);
                Touch(buffer, steps.Count);
                Touch(target, steps.Count);
                steps.Add(new ProgramStep(CopyKernel, [new PointerArgument(target, 0, true), new PointerArgument(buffer, offset, false),
                    new IntegerArgument(Bytes(graph, output.Value))], Provenance.None,
                    Copying(Bytes(graph, output.Value).Value!.Value)));
                buffer = target;
            }
            ports.Add(new ProgramPort(output.Name, type, buffer));
        }
        return ports.ToImmutable();
    }

    /// <summary>The step that copies bytes: target, source, count. Every backend has it; no template prints it.</summary>
    public const string CopyKernel = "copy";

    private int AddBuffer(string name, BufferKind kind, DType dtype, Dim bytes, Layout? layout, Dim offset)
    {
        buffers.Add(new ProgramBuffer(buffers.Count, name, kind, dtype, bytes, layout, -1, -1, offset));
        return buffers.Count - 1;
    }

    private void Touch(int buffer, int step)
    {
        var old = buffers[buffer];
        buffers[buffer] = old with { First = old.First < 0 ? step : old.First, Last = step };
    }

    private static DType DTypeOf(Graph graph, int value) => (graph[value].Type as TensorType)?.DType ?? DType.Unknown;

    // Padded lanes and halos are stored as well.
    private static Dim Bytes(Graph graph, int value) => graph[value].Type is TensorType { Shape: { } shape } type
        ? StoredBytes(shape, type.DType, graph[value].Layout)
        : throw new NnccException(FaultCodes.NoKernel, $"\"{graph[value].Name}\" is {graph[value].Type}, and kernels take tensors",
            graph.Producer(value)?.Place);

    private static Dim StoredBytes(Shape shape, DType dtype, Layout? layout)
    {
        var dims = shape.Dims.ToArray();
        for (int i = 0; i < dims.Length; i++)
        {
            if (layout is { Halo.IsEmpty: false }) dims[i] += layout.Halo[2 * i] + layout.Halo[2 * i + 1];
            if (layout is not null && i == layout.BlockedAxis) dims[i] = Dim.CeilDiv(dims[i], layout.Block) * layout.Block;
        }
        return Dim.CeilDiv(Dim.Product(dims) * dtype.Bits(), 8);
    }
}
