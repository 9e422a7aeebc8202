using System.Collections.Immutable;
using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// A cache with an update written into it along an axis, in each batch (axis 0) from the place on that write_indices say, 0 by default.
/// Source: ai.onnx TensorScatter.
/// </summary>
/// <param name="Axis">The axis.</param>
/// <param name="Mode">What happens behind the end of the axis.</param>
public sealed record TensorScatter(long Axis = -2, CacheMode Mode = CacheMode.Linear) : Op, IOpDefined
{
    /// <inheritdoc/>
    public static OpDefinition Definition { get; } =
        OpDefinition.For<TensorScatter>("past_cache update write_indices?", "present_cache", [24]);

    /// <inheritdoc/>
    public override ImmutableArray<IrType> Infer(InferContext context)
    {
        TensorType cache = context.Tensor(0), update = context.Tensor(1);
        if (context.Has(2)) context.Integers(2);
        if (cache.Shape is { } shape && context.Axis(Axis, shape.Rank) is var axis)
        {
            if (axis == 0) throw context.Fault(FaultCodes.Attribute, "axis 0 is the batch");
            if (update.Shape is { } written && (written.Rank != shape.Rank
                || shape.Where((size, k) => k == axis ? Dim.IsAtMost(written[k], size) == Answer.No
                    : Dim.AreEqual(written[k], size) == Answer.No).Any()))
                throw context.Fault(FaultCodes.OperandShape, $"the update {update} does not fit the cache {cache} along axis {axis}");
        }
        return [cache with { DType = context.SameDType(0, 1) }];
    }

    /// <inheritdoc/>
    public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
    {
        Tensor cache = context.Tensor(0), update = context.Tensor(1);
        int axis = Places.Axis(Axis, cache.Rank);
        long size = cache.Dims[axis], length = update.Dims[axis], block = Places.Product(cache.Dims.Skip(axis + 1));
        long[] starts = context.Optional(2)?.ToLongs() ?? new long[cache.Dims[0]];
        if (axis == 0 || starts.Length != cache.Dims[0] || update.Rank != cache.Rank || length > size
            || update.Dims.Where((n, k) => k != axis && n != cache.Dims[k]).Any())
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"{starts.Length} indices and the update {update.Type} do not fit the cache {cache.Type}");
        long rowsPerBatch = Places.Product(cache.Dims.Skip(1).Take(axis - 1));
        var places = new long[cache.Dims[0] * rowsPerBatch * length];
        for (long i = 0; i < places.Length; i++)
        {
            long row = i / length, place = starts[row / rowsPerBatch] + i % length;
            if (Mode == CacheMode.Circular) place = Dim.Modulo(place, size);
            places[i] = row * size + Places.Resolve(place, size);
        }
        return [Scattering.Apply(context, cache, update, places, block, ScatterReduction.None)];
    }

    /// <inheritdoc/>
    public override Work Measure(MeasureContext context) => context.Movement();
}

/// <summary>Modes of <see cref="TensorScatter"/>.</summary>
public enum CacheMode
{
    /// <summary>The update must end before the axis does.</summary>
    Linear,
    /// <summary>Behind the end the axis starts anew.</summary>
    Circular,
}
