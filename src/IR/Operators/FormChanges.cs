namespace Nncc.IR;

/// <summary>The changes of form that many ops share.</summary>
public static class FormChanges
{
    /// <summary>
    /// At <paramref name="version"/> an attribute of integers (or one integer) became operand <paramref name="index"/>, an int64
    /// tensor.
    /// </summary>
    public static OpDefinition AttributeToInput(this OpDefinition definition, int version, string name, int index) =>
        definition.Change(version,
        up: form =>
        {
            if (form.Take<EquatableArray<long>>(name) is EquatableArray<long> list)
                form.SetInput(index, form.Scope.AddConstant(Tensor.Vector(list.Span.ToArray())));
        },
        down: form =>
        {
            if (!form.Has(index)) { form.TrimInputs(); return null; }
            if (form.Constant(index) is not { } constant) return $"\"{name}\" is computed, and before opset {version} it is an attribute";
            form.Attributes[name] = constant.ToLongs().ToEquatable();
            form.Inputs[index] = -1;
            form.TrimInputs();
            return null;
        });

    /// <summary>
    /// At <paramref name="version"/> a float attribute became operand <paramref name="index"/>, a scalar of the first operand's dtype.
    /// </summary>
    public static OpDefinition FloatAttributeToInput(this OpDefinition definition, int version, string name, int index) =>
        definition.Change(version,
        up: form =>
        {
            if (form.Take<float>(name) is not float number) return;
            var dtype = form.Type(0) is TensorType { DType: var t and not DType.Unknown } ? t : DType.Float32;
            form.SetInput(index, form.Scope.AddConstant(Tensor.FromDoubles(dtype, [], [number])));
        },
        down: form =>
        {
            if (!form.Has(index)) { form.TrimInputs(); return null; }
            if (form.Constant(index) is not { Count: 1 } constant)
                return $"\"{name}\" is computed, and before opset {version} it is an attribute";
            if ((float)constant.ToDouble() is var number && (double)number != constant.ToDouble() && !double.IsNaN(number))
                return $"\"{name}\" = {constant.ToDouble()} is no float attribute";
            form.Attributes[name] = number;
            form.Inputs[index] = -1;
            form.TrimInputs();
            return null;
        });

    /// <summary>At <paramref name="version"/> these attributes went away without a trace (hints to memory planners and the like).</summary>
    public static OpDefinition Dropped(this OpDefinition definition, int version, params string[] names) => definition.Change(version,
        up: form => { foreach (string name in names) form.Attributes.Remove(name); }, down: FormChange.Nothing);

    /// <summary>From <paramref name="version"/> on operand <paramref name="index"/> may also have these dtypes.</summary>
    public static OpDefinition NewTypes(this OpDefinition definition, int version, int index, params DType[] dtypes) =>
        definition.Change(version,
        down: form => form.Type(index) is TensorType t && dtypes.Contains(t.DType) ? $"{t.DType.Name()} is taken from opset {version} on"
            : null);

    /// <summary>From <paramref name="version"/> on there are also these attributes; before it they had the default's meaning.</summary>
    public static OpDefinition NewAttributes(this OpDefinition definition, int version, params string[] names) => definition.Change(version,
        down: form => names.FirstOrDefault(form.Attributes.ContainsKey) is { } name ? $"\"{name}\" exists from opset {version} on" : null);

    /// <summary>From <paramref name="version"/> on the axis or axes in an attribute may count from the end of operand 0's axes.</summary>
    public static OpDefinition NegativeAxes(this OpDefinition definition, int version, string name) =>
        definition.Change(version, down: form =>
    {
        if (!form.Attributes.TryGetValue(name, out var value)) return null;
        var axes = value as EquatableArray<long>? ?? [(long)value];
        if (axes.All(axis => axis >= 0)) return null;
        if (form.Rank(0) is not { } rank) return $"\"{name}\" counts from the end, and the rank is unknown";
        axes = axes.Select(axis => axis < 0 ? axis + rank : axis).ToEquatable();
        form.Attributes[name] = value is long ? axes[0] : axes;
        return null;
    });

    /// <summary>
    /// Operand <paramref name="index"/> took bfloat16 at 13, 8 bit floats at <paramref name="float8"/>, 4 bit integers at 21,
    /// float4e2m1 at 23, float8e8m0 at 24, 2 bit integers at 25: so it is for ops that move elements of every dtype (Reshape, Identity and
    /// others).
    /// </summary>
    public static OpDefinition AllTypes(this OpDefinition definition, int index = 0, int float8 = 19) => definition
        .NewTypes(13, index, DType.BFloat16)
        .NewTypes(float8, index, DTypeSets.Float8)
        .NewTypes(21, index, DTypeSets.Integer4)
        .NewTypes(23, index, DType.Float4E2M1)
        .NewTypes(24, index, DType.Float8E8M0)
        .NewTypes(25, index, DTypeSets.Integer2);

    /// <summary>
    /// Before opset 7 a binary op broadcast its second operand along <c>axis</c> only where <c>broadcast</c> was 1 (onnx/onnx
    /// docs/Changelog.md, Add-1 and Add-6). The second operand gets trailing axes of size 1.
    /// </summary>
    public static OpDefinition LegacyBroadcast(this OpDefinition definition) => definition.Change(7,
        up: form =>
        {
            long broadcast = form.Take<long>("broadcast") is long b ? b : 0;
            object? axis = form.Take<long>("axis");
            form.Attributes.Remove("consumed_inputs");
            if (broadcast == 0 || axis is not long start || form.Rank(0) is not { } rank || form.Rank(1) is not { } inner) return;
            long trailing = rank - (start < 0 ? start + rank : start) - inner;
            if (trailing <= 0) return;
            var axes = form.Scope.AddConstant(Tensor.Vector([.. Enumerable.Range(0, (int)trailing).Select(i => (long)inner + i)]));
            form.Inputs[1] = form.Scope.Emit(new Ops.Unsqueeze(), form.Inputs[1], axes);
        },
        down: form =>
        {
            // What can be said without a further node: one shape, or a second operand that is the end of the first one's shape.
            if (form.Type(0) is not TensorType { Shape: { } a } || form.Type(1) is not TensorType { Shape: { } b } || b.Rank > a.Rank
                || !b.SequenceEqual(a.Skip(a.Rank - b.Rank))) return "operands broadcast freely from opset 7 on";
            if (b.Rank < a.Rank) form.Attributes["broadcast"] = 1L;
            return null;
        });
}
