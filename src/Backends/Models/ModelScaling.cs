using System.Collections.Immutable;

namespace Nncc.Backends.Models;

/// <summary>Models for other inputs: of another resolution, or of more images at once.</summary>
public static class ModelScaling
{
    /// <summary>The model with other shapes of inputs.</summary>
    /// <param name="model">The model as read.</param>
    /// <param name="shapes">Shapes by name.</param>
    /// <exception cref="NnccException">There is no such input, or a node does not take the shape.</exception>
    public static Model WithShapes(Model model, IReadOnlyDictionary<string, Shape> shapes) =>
        model with { Graph = InputShapes.Apply(model.Graph, shapes) };

    /// <summary>The shapes of image inputs with other sizes of a picture.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <exception cref="NnccException">No input is an image.</exception>
    public static ImmutableSortedDictionary<string, Shape> Resolution(Graph graph, long width, long height)
    {
        var shapes = ImmutableSortedDictionary.CreateBuilder<string, Shape>(StringComparer.Ordinal);
        foreach (var (name, shape) in Given(graph))
        {
            if (shape.Rank != 4) continue;
            bool isLast = IsChannels(shape[3]) && !IsChannels(shape[1]);
            if (!isLast && !IsChannels(shape[1])) continue;
            shapes[name] = isLast ? [shape[0], height, width, shape[3]] : [shape[0], shape[1], height, width];
        }
        return shapes.Count > 0 ? shapes.ToImmutable() : throw new NnccException(FaultCodes.Binding,
            "no input of the model is an image [n,channels,height,width] or [n,height,width,channels] of 1, 3 or 4 channels",
            advice: "give shapes of inputs by name");

        static bool IsChannels(Dim size) => size.Value is 1 or 3 or 4;
    }

    /// <summary>The shapes of all inputs with another first size.</summary>
    /// <exception cref="NnccException">No input has an axis.</exception>
    public static ImmutableSortedDictionary<string, Shape> Batch(Graph graph, long batch)
    {
        var shapes = Given(graph).Where(i => i.Shape.Rank > 0)
            .ToImmutableSortedDictionary(i => i.Name, i => new Shape(i.Shape.Dims.SetItem(0, batch)), StringComparer.Ordinal);
        return shapes.Count > 0 ? shapes : throw new NnccException(FaultCodes.Binding, "no input of the model has an axis");
    }

    private static IEnumerable<(string Name, Shape Shape)> Given(Graph graph) =>
        from input in graph.Inputs
        where input.Default is null
        let value = graph[input.Value]
        let shape = (value.Type as TensorType)?.Shape
        where shape is not null
        select (value.Name, shape);
}
