using System.Numerics;

namespace Nncc.IR.Ops;

/// <summary>How <see cref="Resize"/> goes along one axis: which elements of the operand give an element of the result.</summary>
/// <param name="Op">The op.</param>
/// <param name="In">Size of the operand.</param>
/// <param name="Out">Size of the result.</param>
/// <param name="Scale">Size of the result over that of the operand, as given or as it follows from the sizes.</param>
/// <param name="Start">Beginning of the region of interest, from 0 to 1.</param>
/// <param name="End">End of the region of interest, from 0 to 1.</param>
public sealed record ResizeAxis(Resize Op, int In, int Out, float Scale, float Start, float End)
{
    /// <summary>Whether the axis stays as it is.</summary>
    public bool IsIdentity => In == Out && Scale == 1
        && (Op.CoordinateTransformationMode != CoordinateTransformationMode.TfCropAndResize || (Start == 0 && End == 1));

    /// <summary>
    /// For each element of the result, the place of the operand's element that is nearest; -1 where the extrapolation value stands.
    /// Places are found in f32, as runtimes do, so that a rounded scale does not move an element to its neighbour.
    /// </summary>
    public int[] NearestPlaces()
    {
        var places = new int[Out];
        for (int i = 0; i < Out; i++)
        {
            float x = Place<float>(i);
            float nearest = Op.NearestMode switch
            {
                NearestMode.RoundPreferFloor => MathF.Ceiling(x - 0.5f),
                NearestMode.RoundPreferCeil => MathF.Floor(x + 0.5f),
                NearestMode.Floor => MathF.Floor(x),
                _ => MathF.Ceiling(x),
            };
            places[i] = IsOutside(x) ? -1 : (int)Math.Clamp(nearest, 0, In - 1);
        }
        return places;
    }

    /// <summary>
    /// For each element of the result, the places and weights of the operand's elements whose weighted sum it is, the same number for all;
    /// place -1 where the extrapolation value stands.
    /// </summary>
    public (int[] Places, double[] Weights, int Taps) Interpolation()
    {
        int radius = Op.Mode == ResizeMode.Linear ? 1 : 2;
        double narrowing = Op.Antialias ? Math.Min(Scale, 1.0) : 1;
        int taps = 2 * (int)Math.Ceiling(radius / narrowing);
        var places = new int[Out * taps];
        var weights = new double[Out * taps];
        for (int i = 0; i < Out; i++)
        {
            double x = Place<double>(i), sum = 0;
            int first = (int)Math.Floor(x) - taps / 2 + 1;
            for (int t = 0; t < taps; t++)
            {
                int at = first + t;
                double weight = Op.ExcludeOutside && (at < 0 || at >= In) ? 0 : Filter(narrowing * (at - x));
                sum += weight;
                weights[i * taps + t] = weight;
                places[i * taps + t] = IsOutside((float)x) ? -1 : Math.Clamp(at, 0, In - 1);
            }
            if ((Op.Antialias || Op.ExcludeOutside) && sum != 0)
                for (int t = 0; t < taps; t++) weights[i * taps + t] /= sum;
        }
        return (places, weights, taps);
    }

    private double Filter(double x)
    {
        double distance = Math.Abs(x), a = Op.CubicCoeffA;
        if (Op.Mode == ResizeMode.Linear) return Math.Max(0, 1 - distance);
        return distance <= 1 ? ((a + 2) * distance - (a + 3)) * distance * distance + 1
            : distance < 2 ? ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a : 0;
    }

    private bool IsOutside(float x) => Op.CoordinateTransformationMode == CoordinateTransformationMode.TfCropAndResize
        && (x < 0 || x > In - 1);

    // Where element i of the result stands in the operand.
    private T Place<T>(int i) where T : IFloatingPoint<T>
    {
        T index = T.CreateChecked(i), scale = T.CreateChecked(Scale), half = T.One / (T.One + T.One), size = T.CreateChecked(In);
        T length = size * scale, start = T.CreateChecked(Start), end = T.CreateChecked(End), last = size - T.One;
        return Op.CoordinateTransformationMode switch
        {
            CoordinateTransformationMode.HalfPixel => (index + half) / scale - half,
            CoordinateTransformationMode.HalfPixelSymmetric =>
                size * half * (T.One - T.CreateChecked(Out) / length) + (index + half) / scale - half,
            CoordinateTransformationMode.PytorchHalfPixel => Out == 1 ? T.Zero : (index + half) / scale - half,
            CoordinateTransformationMode.AlignCorners => Out == 1 ? T.Zero : index * last / (length - T.One),
            CoordinateTransformationMode.Asymmetric => index / scale,
            _ => Out == 1 ? (start + end) * half * last : start * last + index * (end - start) * last / (T.CreateChecked(Out) - T.One),
        };
    }
}
