using Nncc.IR;
using Nncc.IR.Evaluate;
using Nncc.IR.Ops;

namespace Nncc.Tests;

/// <summary>
/// Random ops have the distribution that ONNX says: Kolmogorov's test for continuous ones, Pearson's for classes, both at a significance of
/// 1 in 1000. Seeds are fixed, so that the tests always have the same answer.
/// </summary>
public class RandomTests
{
    private const int Count = 40_000;

    // Kolmogorov's distribution has 0.999 at 1.95.
    private const double Kolmogorov = 1.95;

    public static TheoryData<float, DType> Seeds => new() { { 0, DType.Float32 }, { 7, DType.Float32 }, { 1e6f, DType.Float64 } };

    [Theory, MemberData(nameof(Seeds))]
    public void Normal_numbers_are_normal(float seed, DType dtype)
    {
        AssertDistribution(OpRun.One(new RandomNormal([Count], dtype, 3, 2, seed)), x => Normal((x - 3) / 2));
        AssertDistribution(OpRun.One(new RandomNormalLike(dtype, -1, 0.5f, seed), Zeros(Count)), x => Normal((x + 1) / 0.5));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Uniform_numbers_are_uniform(float seed, DType dtype)
    {
        var numbers = OpRun.One(new RandomUniform([Count], dtype, 5, -2, seed));
        Assert.All(numbers.ToDoubles(), x => Assert.InRange(x, -2, 5));
        AssertDistribution(numbers, x => (x + 2) / 7);
        AssertDistribution(OpRun.One(new RandomUniformLike(dtype, 1, 0, seed), Zeros(Count)), x => x);
    }

    [Fact]
    public void Halves_are_rounded_numbers_of_the_same_distribution()
    {
        double[] numbers = OpRun.One(new RandomNormal([Count], DType.Float16, Seed: 4)).ToDoubles();
        Assert.InRange(numbers.Average(), -0.02, 0.02);
        Assert.InRange(numbers.Average(x => x * x), 0.97, 1.03);
    }

    [Fact]
    public void Neighbours_do_not_depend_on_each_other()
    {
        foreach (var op in new Op[] { new RandomNormal([Count], Seed: 3), new RandomUniform([Count], Low: -1, Seed: 3) })
        {
            double[] x = OpRun.One(op).ToDoubles();
            double variance = x.Average(v => v * v);
            foreach (int distance in new[] { 1, 2, 624 })
            {
                double product = Enumerable.Range(0, x.Length - distance).Average(i => x[i] * x[i + distance]);
                Assert.InRange(product / variance * Math.Sqrt(x.Length), -3.3, 3.3);
            }
        }
    }

    [Theory, InlineData(0.0), InlineData(0.1), InlineData(0.5), InlineData(1.0)]
    public void Bernoulli_gives_1_as_often_as_it_should(double probability)
    {
        var x = Tensor.FromDoubles(DType.Float64, [Count], [.. Enumerable.Repeat(probability, Count)]);
        double[] y = OpRun.One(new Bernoulli(DType.Float32, Seed: 11), x).ToDoubles();
        Assert.All(y, v => Assert.True(v is 0 or 1));
        AssertClasses([1 - probability, probability], y.Select(v => (int)v));
    }

    [Fact]
    public void Multinomial_draws_classes_by_their_logarithms()
    {
        double[] probabilities = [0.5, 0.25, 0.2, 0.05, 0];
        // What is added to all logarithms of a row changes nothing.
        double[] logs = [.. probabilities.Select(p => Math.Log(p)), .. probabilities.Reverse().Select(p => Math.Log(p) + 4)];
        var y = OpRun.One(new Multinomial(DType.Int64, Count, 5), Tensor.FromDoubles(DType.Float32, [2, 5], logs)).ToLongs();
        AssertClasses(probabilities, y[..Count].Select(v => (int)v));
        AssertClasses([.. probabilities.Reverse()], y[Count..].Select(v => (int)v));
    }

    [Theory, InlineData(0.25f), InlineData(0.9f)]
    public void Dropout_in_training_drops_its_share_and_scales_the_rest(float ratio)
    {
        var x = Tensor.FromDoubles(DType.Float64, [Count], [.. Enumerable.Range(1, Count).Select(i => (double)i)]);
        var results = OpRun.Many(new Dropout(6), 2, x, Tensor.Scalar(ratio), Tensor.Scalar(true));
        long[] mask = results[1].ToLongs();
        AssertClasses([ratio, 1 - (double)ratio], mask.Select(m => (int)m));
        double[] y = results[0].ToDoubles();
        for (int i = 0; i < y.Length; i++) Assert.Equal(mask[i] == 0 ? 0 : (i + 1) / (1 - (double)ratio), y[i], 1e-6 * (i + 1) * 10);
    }

    [Fact]
    public void A_seed_gives_the_same_and_another_one_others()
    {
        Tensor first = OpRun.One(new RandomNormal([100], Seed: 1)), again = OpRun.One(new RandomNormal([100], Seed: 1));
        Assert.Equal(first, again);
        Assert.NotEqual(first, OpRun.One(new RandomNormal([100], Seed: 2)));
    }

    private static void AssertDistribution(Tensor numbers, Func<double, double> distribution)
    {
        double[] sorted = [.. numbers.ToDoubles().Order()];
        double distance = Enumerable.Range(0, sorted.Length).Max(i =>
        {
            double p = distribution(sorted[i]);
            return Math.Max(p - (double)i / sorted.Length, (double)(i + 1) / sorted.Length - p);
        });
        Assert.InRange(distance * Math.Sqrt(sorted.Length), 0.1, Kolmogorov);
    }

    private static void AssertClasses(double[] probabilities, IEnumerable<int> drawn)
    {
        var counts = new double[probabilities.Length];
        foreach (int k in drawn) counts[k]++;
        double sum = counts.Sum(), distance = 0;
        for (int k = 0; k < counts.Length; k++)
            if (probabilities[k] == 0) Assert.Equal(0, counts[k]);
            else distance += (counts[k] - sum * probabilities[k]) * (counts[k] - sum * probabilities[k]) / (sum * probabilities[k]);
        // Chi-square at 0.999 for up to three degrees of freedom.
        Assert.InRange(distance, 0, 16.3);
    }

    private static double Normal(double x) => 0.5 * (1 + Elementary.Erf(x / Math.Sqrt(2)));

    private static Tensor Zeros(int count) => Tensor.FromDoubles(DType.Float32, [count], new double[count]);
}
