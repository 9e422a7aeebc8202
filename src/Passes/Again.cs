using Nncc.IR;

namespace Nncc.Passes;

/// <summary>
/// A pass that stands in a pipeline for a second time: the same under another name, so that both places can be told apart.
/// </summary>
/// <param name="pass">The pass.</param>
/// <param name="suffix">What follows its name.</param>
public sealed class Again(IPass pass, string suffix = "again") : IPass
{
    /// <summary>The pass that stands here again.</summary>
    public IPass Pass => pass;

    /// <inheritdoc/>
    public string Name => $"{pass.Name}-{suffix}";

    /// <inheritdoc/>
    public string Summary => pass.Summary;

    /// <inheritdoc/>
    public Graph Run(Graph graph, PassContext context) => pass.Run(graph, context);
}
