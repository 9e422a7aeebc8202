using Nncc.IR.Evaluate;

namespace Nncc.IR.Ops;

/// <summary>
/// The discrete Fourier transform of one length: X[k] = Σ x[j] · e^(-2πijk/n), in binary64. Powers of two go by halves (Cooley, Tukey),
/// other lengths by the sum itself.
/// </summary>
internal sealed class Fourier
{
    private readonly int length;
    private readonly double[] cos, sin;

    /// <summary>Tables for a length of 1 and more.</summary>
    public Fourier(int length)
    {
        this.length = length;
        (cos, sin) = (new double[length], new double[length]);
        for (int i = 0; i < length; i++)
        {
            double angle = 2 * Math.PI * i / length;
            (cos[i], sin[i]) = (Elementary.Cos(angle), Elementary.Sin(angle));
        }
    }

    /// <summary>Transforms in place; <paramref name="isInverse"/> turns the other way and divides by the length.</summary>
    public void Transform(Span<double> real, Span<double> imaginary, bool isInverse)
    {
        if ((length & (length - 1)) == 0) Halves(real, imaginary, isInverse);
        else Sum(real, imaginary, isInverse);
        if (!isInverse) return;
        foreach (ref double item in real) item /= length;
        foreach (ref double item in imaginary) item /= length;
    }

    private void Sum(Span<double> real, Span<double> imaginary, bool isInverse)
    {
        double[] a = real.ToArray(), b = imaginary.ToArray();
        for (int k = 0; k < length; k++)
        {
            double x = 0, y = 0;
            for (int j = 0; j < length; j++)
            {
                int at = (int)((long)j * k % length);
                double c = cos[at], s = isInverse ? sin[at] : -sin[at];
                x += a[j] * c - b[j] * s;
                y += a[j] * s + b[j] * c;
            }
            (real[k], imaginary[k]) = (x, y);
        }
    }

    private void Halves(Span<double> real, Span<double> imaginary, bool isInverse)
    {
        for (int i = 1, j = 0; i < length; i++)
        {
            int bit = length >> 1;
            for (; (j & bit) != 0; bit >>= 1) j ^= bit;
            j ^= bit;
            if (i >= j) continue;
            (real[i], real[j]) = (real[j], real[i]);
            (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
        }
        for (int size = 2; size <= length; size <<= 1)
            for (int start = 0; start < length; start += size)
                for (int k = 0; k < size / 2; k++)
                {
                    int p = start + k, q = p + size / 2, at = k * (length / size);
                    double c = cos[at], s = isInverse ? sin[at] : -sin[at];
                    double x = real[q] * c - imaginary[q] * s, y = real[q] * s + imaginary[q] * c;
                    (real[q], imaginary[q]) = (real[p] - x, imaginary[p] - y);
                    (real[p], imaginary[p]) = (real[p] + x, imaginary[p] + y);
                }
    }
}
