namespace Nncc.Zoo;

/// <summary>
/// A well-known network, layer for layer as its source has it, batch norms unfolded. Found by being a type of this assembly; one that
/// stands for several sizes gives several entries.
/// </summary>
/// <param name="Name">Name, in the source's spelling.</param>
/// <param name="Summary">What it is, with its source, in one line.</param>
/// <param name="Build">Builds it.</param>
public sealed record Architecture(string Name, string Summary, Func<ZooOptions, Graph> Build);

/// <summary>A type that gives architectures.</summary>
public interface IArchitectures
{
    /// <summary>The architectures.</summary>
    static abstract IEnumerable<Architecture> All { get; }
}
