using System.Globalization;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Nncc.Passes.Separable;

/// <summary>
/// The thin singular value decomposition A = U diag(S) V of a matrix, singular values descending. Managed code on one thread: the same bits
/// on every machine. The sign of each pair of vectors is such that the largest element of the right one is positive.
/// </summary>
internal sealed class ThinDecomposition
{
    static ThinDecomposition()
    {
        Control.UseManaged();
        Control.UseSingleThread();
    }

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="rows">Number of rows.</param>
    /// <param name="columns">Number of columns.</param>
    /// <param name="at">Its elements.</param>
    public ThinDecomposition(int rows, int columns, Func<int, int, double> at)
    {
        // The decomposition computes square U: with A = Q R first it is only as large as the shorter side.
        bool isTall = rows >= columns;
        var tall = isTall ? Matrix<double>.Build.Dense(rows, columns, at) : Matrix<double>.Build.Dense(columns, rows, (i, j) => at(j, i));
        var qr = tall.QR(QRMethod.Thin);
        var svd = qr.R.Svd(computeVectors: true);
        Values = svd.S.ToArray();
        var left = qr.Q * svd.U;
        var right = svd.VT;
        int rank = Values.Length;
        Left = Matrix<double>.Build.Dense(rows, rank, (i, r) => isTall ? left[i, r] : right[r, i]);
        Right = Matrix<double>.Build.Dense(rank, columns, (r, j) => isTall ? right[r, j] : left[j, r]);
        for (int r = 0; r < rank; r++)
        {
            int largest = Enumerable.Range(0, columns).MaxBy(j => Math.Abs(Right[r, j]));
            if (Right[r, largest] >= 0) continue;
            for (int i = 0; i < rows; i++) Left[i, r] = -Left[i, r];
            for (int j = 0; j < columns; j++) Right[r, j] = -Right[r, j];
        }
    }

    /// <summary>The singular values, descending.</summary>
    public double[] Values { get; }

    /// <summary>U [rows, rank].</summary>
    public Matrix<double> Left { get; }

    /// <summary>V [rank, columns].</summary>
    public Matrix<double> Right { get; }

    /// <summary>The smallest rank whose relative error is at most a bound, where it is one that pays; else 0 with the reason.</summary>
    /// <param name="errors">Relative errors at rank 1, 2, ...</param>
    /// <param name="bound">The bound.</param>
    /// <param name="most">The largest rank that takes fewer multiply-accumulates than the whole.</param>
    /// <param name="reason">Why there is none.</param>
    public static int RankFor(double[] errors, double bound, long most, out string? reason)
    {
        int rank = Array.FindIndex(errors, error => error <= bound) + 1;
        reason = most == 0 ? "rank 1 takes more multiply-accumulates than it does as it is"
            : rank == 0 || rank > most ? string.Create(CultureInfo.InvariantCulture,
                $"the error is {errors[most - 1]:G3} at rank {most}, the last with fewer multiply-accumulates, and {bound:G3} is allowed")
            : null;
        return reason is null ? rank : 0;
    }

    /// <summary>
    /// Relative errors sqrt(dropped squares / all squares) at rank 1, 2, ... of matrices that are cut at the same rank, each of which
    /// counts by the square of its weight.
    /// </summary>
    public static double[] Errors(IReadOnlyList<ThinDecomposition> matrices, double[]? weights = null)
    {
        var dropped = new double[matrices.Max(m => m.Values.Length) + 1];
        for (int m = 0; m < matrices.Count; m++)
        {
            double weight = weights?[m] ?? 1, sum = 0;
            for (int r = matrices[m].Values.Length - 1; r >= 0; r--)
                dropped[r] += sum += weight * weight * matrices[m].Values[r] * matrices[m].Values[r];
        }
        return [.. dropped[1..].Select(d => dropped[0] == 0 ? 0 : Math.Sqrt(d / dropped[0]))];
    }
}
