namespace Nncc.IR.Ops;

/// <summary>
/// Scan of opset 8, whose operands had a batch axis before the scanned one, brought to today's: a scan over the batch, whose body scans
/// over what was scanned.
/// </summary>
internal static class BatchedScan
{
    public static void Unfold(OpForm form)
    {
        if (form.Has(0)) throw new NnccException(FaultCodes.NotSupported, "Scan of opset 8 with sequence_lens is not supported");
        if (form.Inputs.Count > 0) form.Inputs.RemoveAt(0);
        if (form.Take<Graph>("body") is not Graph body || form.Take<long>("num_scan_inputs") is not long scanned) return;
        var directions = form.Take<EquatableArray<long>>("directions") is EquatableArray<long> given ? given : default;
        int own = form.Inputs.Count, captures = body.Inputs.Length - own;
        if (captures < 0) throw new NnccException(FaultCodes.OperandCount,
            $"Scan has {own} operands, and its body {body.Inputs.Length} inputs");
        var edit = new GraphEdit(body.Name + "_batch");
        var inputs = new List<int>();
        for (int i = 0; i < body.Inputs.Length; i++)
        {
            var inner = body[body.Inputs[i].Value];
            inputs.Add(edit.AddInput(inner.Name, i >= own ? inner.Type : form.Type(i) is TensorType { Shape: { Rank: > 0 } shape } operand
                ? operand with { Shape = new Shape(shape.Dims.RemoveAt(0)) } : IrType.Unknown));
        }
        var scan = edit.Insert(new Scan(body, scanned, ScanInputDirections: directions, Captures: captures), inputs.ToArray(),
            Provenance.None,
            [.. body.Outputs.Select(output => output.Name)]);
        for (int i = 0; i < scan.Outputs.Length; i++) edit.AddOutput(body.Outputs[i].Name, scan.Outputs[i]);
        form.Attributes["body"] = edit.Freeze();
        form.Attributes["num_scan_inputs"] = (long)own;
    }
}
