namespace Nncc.IR.Ops;

/// <summary>Ops of com.microsoft that are ops of ai.onnx in another form: those become read.</summary>
internal sealed class MicrosoftForms : ILegacyForms
{
    /// <inheritdoc/>
    public static IEnumerable<OpDefinition> Forms =>
    [
        // 16 bit and 4 bit integers, long before ai.onnx had them.
        OpDefinition.Legacy("QuantizeLinear", "x y_scale y_zero_point?", "y", [1], MicrosoftOp.MicrosoftDomain).Becomes(),
        OpDefinition.Legacy("DequantizeLinear", "x x_scale x_zero_point?", "y", [1], MicrosoftOp.MicrosoftDomain).Becomes(),
        OpDefinition.Legacy("QLinearConv", "x x_scale x_zero_point w w_scale w_zero_point y_scale y_zero_point B?", "y", [1],
            MicrosoftOp.MicrosoftDomain).Becomes(form =>
        {
            // Filters are [m, c, taps...] in both; only x and y have their channels last.
            if (form.Take<long>("channels_last") is not (long and not 0) || !form.Has(0)) return;
            int rank = form.Rank(0) ?? form.Rank(3)
                ?? throw new NnccException(FaultCodes.NotSupported, "QLinearConv with channels_last needs the rank of x or w");
            if (rank < 3) throw new NnccException(FaultCodes.OperandShape, $"QLinearConv takes [n,spatial..,c], got {form.Type(0)}");
            form.Inputs[0] = form.Scope.Emit(ChannelOrder.First(rank), form.Inputs[0]);
            form.After[0] = y => form.Scope.Emit(ChannelOrder.Last(rank), y);
        }),
    ];
}

file static class Standard
{
    /// <summary>The same op of ai.onnx, after a change of what differs.</summary>
    public static OpDefinition Becomes(this OpDefinition definition, Action<OpForm>? change = null) =>
        definition.Change(FormChange.EveryVersion, up: form =>
        {
            change?.Invoke(form);
            form.Domain = "";
        });
}
