using System.Collections.Immutable;

namespace Nncc.IR;

/// <summary>What type inference asks of the graph around a node; a graph and an edit answer alike.</summary>
internal interface IValueFacts
{
    /// <summary>What names of sizes that only running can tell start with, before the node's id.</summary>
    string FreshPrefix { get; }

    /// <summary>The type of a value.</summary>
    IrType TypeOf(int value);

    /// <summary>The content of a value that is constant.</summary>
    Tensor? ConstantOf(int value);

    /// <summary>The elements of a value as sizes, where they are known.</summary>
    ImmutableArray<Dim>? KnownOf(int value);
}
