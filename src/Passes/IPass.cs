using Nncc.IR;

namespace Nncc.Passes;

/// <summary>
/// A change of a whole graph: a pure function with a name. It never alters the graph it is given and returns that very object
/// where it has nothing to do; every single change goes through <see cref="PassContext.Step"/>. A pass holds no state: what it
/// depends on is in the context. Passes never call each other; their order is written in <see cref="Pipelines"/>.
/// </summary>
public interface IPass
{
    /// <summary>Name in kebab-case, unique among passes: what <c>dump --after</c> takes.</summary>
    string Name { get; }

    /// <summary>One or two sentences: what it needs, what it leaves true, what it never does.</summary>
    string Summary { get; }

    /// <summary>The changed graph, or <paramref name="graph"/> itself.</summary>
    /// <exception cref="NnccException">What the user gave (model, options) does not allow it.</exception>
    Graph Run(Graph graph, PassContext context);
}
