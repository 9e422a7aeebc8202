namespace Nncc.Zoo;

/// <summary>What can be changed about an architecture.</summary>
[Flags]
public enum ZooScaling
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Numbers of channels.</summary>
    Width = 1,
    /// <summary>Numbers of layers.</summary>
    Depth = 2,
    /// <summary>Pixels of the input. An architecture with a fully connected layer over pixels has no other resolution.</summary>
    Resolution = 4,
    /// <summary>Classes of the classifier.</summary>
    Classes = 8,
}

/// <summary>
/// A well-known network, layer for layer as its source has it, batch norms unfolded. Found by being a type of this assembly; one that
/// stands for several sizes gives several entries.
/// </summary>
/// <param name="Name">Name, in the source's spelling.</param>
/// <param name="Summary">What it is, with its source, in one line.</param>
/// <param name="Build">Builds it.</param>
/// <param name="Scaling">What of it the options may change.</param>
public sealed record Architecture(string Name, string Summary, Func<ZooOptions, Graph> Build, ZooScaling Scaling = ZooScaling.None);

/// <summary>A type that gives architectures.</summary>
public interface IArchitectures
{
    /// <summary>The architectures.</summary>
    static abstract IEnumerable<Architecture> All { get; }
}
