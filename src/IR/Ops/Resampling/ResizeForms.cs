namespace Nncc.IR.Ops;

/// <summary>The older forms of <see cref="Resize"/>, and Upsample, which it replaced at opset 10.</summary>
internal sealed class ResizeForms : ILegacyForms
{
    /// <inheritdoc/>
    public static IEnumerable<OpDefinition> Forms =>
    [
        OpDefinition.Legacy("Upsample", "X scales?", "Y", [1, 7, 9, 10])
            .Change(7, form =>
            {
                if (form.Take<float>("height_scale") is not float height || form.Take<float>("width_scale") is not float width) return;
                form.Attributes["scales"] = (EquatableArray<float>)[1, 1, height, width];
                if (form.Attributes.TryGetValue("mode", out var mode) && mode is "bilinear") form.Attributes["mode"] = "linear";
            }, form =>
            {
                if (form.Attributes["scales"] is not EquatableArray<float> { Span: [1, 1, var height, var width] })
                    return "before opset 7 it took images with a scale for height and width only";
                form.Attributes.Remove("scales");
                (form.Attributes["height_scale"], form.Attributes["width_scale"]) = (height, width);
                if (form.Attributes.TryGetValue("mode", out var mode) && mode is "linear") form.Attributes["mode"] = "bilinear";
                return null;
            })
            .Change(9, form =>
            {
                if (form.Take<EquatableArray<float>>("scales") is EquatableArray<float> scales)
                    form.SetInput(1, form.Scope.AddConstant(Tensor.Vector(scales.Span.ToArray())));
            }, form =>
            {
                form.Attributes["scales"] = form.Constant(1)!.ToDoubles().Select(scale => (float)scale).ToEquatable();
                form.Inputs.RemoveAt(1);
                return null;
            })
            .Change(10, form => form.Name = "Resize", FormChange.Nothing),
    ];

    /// <summary>The changes of Resize itself.</summary>
    public static OpDefinition AddTo(OpDefinition definition) => definition
        .Change(10, down: form =>
        {
            if (form.Constant(1)?.ToDoubles() is not { } scales) return "the scales are computed, and before opset 10 they must be 1 "
                + "and more";
            if (scales.Any(scale => scale < 1)) return "before opset 10 no axis could become shorter";
            form.Name = "Upsample";
            return null;
        })
        .Change(11, Asymmetric, form => form.Has(3) ? "sizes exist from opset 11 on"
            : form.Attributes.Keys.FirstOrDefault(name =>
                name is not ("mode" or "coordinate_transformation_mode" or "nearest_mode")) is { } newer
                ? $"\"{newer}\" exists from opset 11 on" : BackToAsymmetric(form))
        .Change(13, WithoutEmptyOperands, WithEmptyOperands)
        .NewTypes(13, 0, DType.BFloat16)
        .NewAttributes(18, "antialias", "axes", "keep_aspect_ratio_policy")
        .Change(19, down: form => form.Attributes.GetValueOrDefault("coordinate_transformation_mode") is "half_pixel_symmetric"
            ? "half_pixel_symmetric exists from opset 19 on" : null);

    // Opset 10 had place i / scale; the nearest element was the lower one for a longer axis and the upper one for a shorter axis
    // (see the cases test_resize_*_nearest of ONNX's backend data of that opset). An operand that gets both is resized twice.
    private static void Asymmetric(OpForm form)
    {
        form.Attributes["coordinate_transformation_mode"] = "asymmetric";
        form.SetInput(2, form.Has(1) ? form.Inputs[1] : Node.Absent);
        form.Inputs[1] = Node.Absent;
        if (form.Attributes.GetValueOrDefault("mode") is "linear") return;
        form.Attributes["nearest_mode"] = "floor";
        if (form.Constant(2)?.ToDoubles() is not { } scales || scales.All(s => s >= 1)) return;
        if (scales.Any(s => s > 1))
        {
            int longer =
                form.Scope.AddConstant(Tensor.FromDoubles(DType.Float32, [scales.Length], [.. scales.Select(s => Math.Max(s, 1))]));
            var op = new Resize(CoordinateTransformationMode: CoordinateTransformationMode.Asymmetric, NearestMode: NearestMode.Floor);
            form.Inputs[0] = form.Scope.Emit(op, form.Inputs[0], Node.Absent, longer);
            form.Inputs[2] =
                form.Scope.AddConstant(Tensor.FromDoubles(DType.Float32, [scales.Length], [.. scales.Select(s => Math.Min(s, 1))]));
        }
        form.Attributes["nearest_mode"] = "ceil";
    }

    private static string? BackToAsymmetric(OpForm form)
    {
        if (form.Take<string>("coordinate_transformation_mode") is not "asymmetric")
            return "places other than asymmetric exist from opset 11 on";
        var nearest = form.Take<string>("nearest_mode");
        if (form.Attributes.GetValueOrDefault("mode") is "cubic") return "mode cubic exists from opset 11 on";
        if (form.Attributes.GetValueOrDefault("mode") is not "linear")
        {
            if (form.Constant(2)?.ToDoubles() is not { } scales)
                return "the scales are computed, and the nearest element depends on them before opset 11";
            if (!(nearest is "floor" && scales.All(s => s >= 1)) && !(nearest is "ceil" && scales.All(s => s <= 1)))
                return "before opset 11 the nearest element was the lower one for a longer and the upper one for a shorter axis";
        }
        form.Inputs[1] = form.Inputs[2];
        form.Inputs.RemoveRange(2, form.Inputs.Count - 2);
        return null;
    }

    // Before opset 13 roi and scales were given always, and empty where they did not count.
    private static void WithoutEmptyOperands(OpForm form)
    {
        for (int i = 1; i <= 3; i++)
            if (form.Type(i) is TensorType { Shape.Dims: [{ Value: 0 }] }) form.Inputs[i] = Node.Absent;
        form.TrimInputs();
        if (form.Attributes.GetValueOrDefault("coordinate_transformation_mode") is not "tf_half_pixel_for_nn") return;
        // (i + 0.5) / s is half a step beyond half_pixel, which another rounding makes up for.
        form.Attributes["coordinate_transformation_mode"] = "half_pixel";
        object? nearest = form.Attributes.GetValueOrDefault("nearest_mode", "round_prefer_floor");
        form.Attributes["nearest_mode"] = (form.Attributes.GetValueOrDefault("mode", "nearest"), nearest) switch
        {
            ("nearest", "floor") => "round_prefer_ceil",
            ("nearest", "round_prefer_floor") => "ceil",
            _ => throw new NnccException(FaultCodes.NotSupported, $"Resize with tf_half_pixel_for_nn and nearest_mode {nearest}"),
        };
    }

    private static string? WithEmptyOperands(OpForm form)
    {
        for (int i = 1; i <= 2; i++)
            if (!form.Has(i)) form.SetInput(i, form.Scope.AddConstant(Tensor.Of<float>([0], [])));
        return null;
    }
}
