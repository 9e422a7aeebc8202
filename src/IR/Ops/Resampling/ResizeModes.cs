namespace Nncc.IR.Ops;

/// <summary>How <see cref="Resize"/> finds an element between those of the operand.</summary>
public enum ResizeMode
{
    /// <summary>The nearest one.</summary>
    Nearest,
    /// <summary>Linear interpolation along each axis.</summary>
    Linear,
    /// <summary>Cubic convolution along each axis (R. Keys, 1981, equation 4).</summary>
    Cubic,
}

/// <summary>
/// Where element i of a result of n stands among the m elements of the operand, for scale s. Source: ai.onnx Resize-19.
/// </summary>
public enum CoordinateTransformationMode
{
    /// <summary>(i + 0.5) / s - 0.5.</summary>
    HalfPixel,
    /// <summary>As HalfPixel, moved so that the middles meet where n is not s · m.</summary>
    HalfPixelSymmetric,
    /// <summary>As HalfPixel, but 0 where n is 1.</summary>
    PytorchHalfPixel,
    /// <summary>i · (m - 1) / (s · m - 1): the ends meet.</summary>
    AlignCorners,
    /// <summary>i / s.</summary>
    Asymmetric,
    /// <summary>As AlignCorners within the region of interest; what is outside of the operand has a value of its own.</summary>
    TfCropAndResize,
}

/// <summary>Which neighbour is the nearest one.</summary>
public enum NearestMode
{
    /// <summary>Rounding, halves down.</summary>
    RoundPreferFloor,
    /// <summary>Rounding, halves up.</summary>
    RoundPreferCeil,
    /// <summary>The lower one.</summary>
    Floor,
    /// <summary>The upper one.</summary>
    Ceil,
}

/// <summary>What sizes mean that are given to <see cref="Resize"/>.</summary>
public enum KeepAspectRatioPolicy
{
    /// <summary>Each axis gets its size.</summary>
    Stretch,
    /// <summary>All axes get one scale, the greatest with which none is larger than its size.</summary>
    NotLarger,
    /// <summary>All axes get one scale, the least with which none is smaller than its size.</summary>
    NotSmaller,
}
