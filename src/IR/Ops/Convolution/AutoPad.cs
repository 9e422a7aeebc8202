namespace Nncc.IR.Ops;

/// <summary>How windows are padded (ONNX's <c>auto_pad</c>).</summary>
public enum AutoPad
{
    /// <summary>As the attribute <c>pads</c> says.</summary>
    [OnnxName("NOTSET")] NotSet,
    /// <summary>So that the result has ceil(size / stride) elements; an odd element of padding goes to the end.</summary>
    [OnnxName("SAME_UPPER")] SameUpper,
    /// <summary>So that the result has ceil(size / stride) elements; an odd element of padding goes to the beginning.</summary>
    [OnnxName("SAME_LOWER")] SameLower,
    /// <summary>Not at all.</summary>
    [OnnxName("VALID")] Valid,
}
