using System.Globalization;

namespace Nncc.Passes.Separable;

/// <summary>What the user is told of factors: multiply-accumulates before and after, and errors.</summary>
internal static class FactoringReport
{
    /// <summary>A text with numbers as everywhere.</summary>
    public static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>Of a layer.</summary>
    /// <param name="form">What was taken.</param>
    /// <param name="before">Its multiply-accumulates before.</param>
    /// <param name="after">Those of the form.</param>
    /// <param name="layerError">The relative error of its result on calibration inputs; null without any.</param>
    public static string Layer(Factoring form, double before, double after, double? layerError) =>
        Say($"{form.Form}: {before:N0} multiply-accumulates became {after:N0}, ")
        + Say($"relative error of the weights {form.MeasuredError:G3} (predicted {form.PredictedError:G3})")
        + (layerError is { } error ? Say($", of the result {error:G3} (measured)") : "");

    /// <summary>
    /// Of the whole model, as far as weights tell: errors of layers that have nothing to do with each other add up by squares.
    /// </summary>
    public static string Predicted(IEnumerable<Factoring> taken)
    {
        double[] errors = [.. taken.Select(f => f.MeasuredError)];
        return Say($"of the whole model the relative error is predicted to be {Math.Sqrt(errors.Sum(e => e * e)):G3}, ")
            + Say($"{errors.Sum():G3} where all {errors.Length} layers' add up");
    }

    /// <summary>Of the whole model, as it was measured.</summary>
    public static string Measured(double error, double bound, int sets) =>
        Say($"the outputs of the model have a relative error of {error:G3} on {sets} set{(sets == 1 ? "" : "s")} of inputs, ")
        + Say($"{bound:G3} is allowed");
}
