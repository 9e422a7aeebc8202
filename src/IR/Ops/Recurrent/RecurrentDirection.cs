namespace Nncc.IR.Ops;

/// <summary>In which order a recurrent op goes through its sequences.</summary>
public enum RecurrentDirection
{
    /// <summary>From the first element to the last.</summary>
    Forward,
    /// <summary>From the last element to the first.</summary>
    Reverse,
    /// <summary>Both, with weights of their own.</summary>
    Bidirectional,
}
