using System.Diagnostics;
using System.Globalization;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>
/// Runs a model from a command line: inputs from files or random numbers, outputs to the console and to files, timings.
/// </summary>
internal static class ModelConsole
{
    /// <summary>Reads the arguments, runs the model and gives the exit code: 0 ok, 1 usage, 2 data, 3 this machine.</summary>
    /// <param name="arguments">The arguments; see <see cref="ConsoleArguments.Help"/>.</param>
    /// <param name="info">The model.</param>
    /// <param name="weightsFile">The weights file where the arguments name none.</param>
    /// <param name="create">Makes the model from its weights.</param>
    public static int Run(string[] arguments, ModelInfo info, string weightsFile, Func<Weights, IModel> create)
    {
        try
        {
            var parsed = ConsoleArguments.Parse(arguments, info);
            if (parsed is null)
            {
                Console.WriteLine(ConsoleArguments.Help(info));
                return 0;
            }
            using var weights = Weights.Open(parsed.Weights ?? weightsFile);
            using var model = create(weights);
            Run(parsed, info, model);
            return 0;
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException
            or PlatformNotSupportedException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return e is ArgumentException ? 1 : e is PlatformNotSupportedException ? 3 : 2;
        }
    }

    private static void Run(ConsoleArguments arguments, ModelInfo info, IModel model)
    {
        var inputs = new TensorView[info.Inputs.Count];
        var random = new Random(arguments.Seed);
        for (int i = 0; i < inputs.Length; i++)
        {
            var port = info.Inputs[i];
            string? file = arguments.Files.GetValueOrDefault(port.Name);
            inputs[i] = file is null ? RandomNumbers(port, random) : TensorFiles.Convert(TensorFiles.Read(file), port.Type);
            Console.WriteLine($"input  {port} {(file is null ? "random" : $"from {file}")}");
        }
        var outputs = new NewOutputs();
        var clock = Stopwatch.StartNew();
        model.Run(inputs, outputs);
        var first = clock.Elapsed;
        for (int i = 0; i < info.Outputs.Count; i++)
        {
            Console.WriteLine($"output {info.Outputs[i]}");
            foreach (string line in ConsoleText.Summary(outputs.Views[i], arguments.Top)) Console.WriteLine($"  {line}");
        }
        Save(arguments, info, outputs.Views);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first run {first.TotalMilliseconds:F3} ms"));
        if (arguments.Repeat == 0) return;
        // Where sizes are bound, each run asks for outputs of the same sizes again: the same memory serves all.
        var times = new double[arguments.Repeat];
        var again = new SameOutputs(outputs.Views);
        for (int i = 0; i < times.Length; i++)
        {
            clock.Restart();
            model.Run(inputs, again);
            times[i] = clock.Elapsed.TotalMilliseconds;
        }
        Array.Sort(times);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{times.Length} runs: min {times[0]:F3} ms, median {times[times.Length / 2]:F3} ms, max {times[^1]:F3} ms"));
    }

    private static void Save(ConsoleArguments arguments, ModelInfo info, IReadOnlyList<TensorView> outputs)
    {
        if (arguments.Output is null) return;
        Directory.CreateDirectory(arguments.Output);
        for (int i = 0; i < outputs.Count; i++)
        {
            string path = Path.Combine(arguments.Output, $"{i}-{ConsoleText.FileName(info.Outputs[i].Name)}.npy");
            TensorFiles.Write(path, outputs[i]);
            Console.WriteLine($"wrote {path}");
        }
    }

    // Floats from 0 to 1, integers 0 and 1 (which are indices into any axis that has more than one place).
    private static TensorView RandomNumbers(ModelPort port, Random random)
    {
        var view = TensorView.New(port.Type, [.. port.Dims.Select(dim => dim.Size ?? 1)]);
        switch (port.Type)
        {
            case ElementType.Float32: Fill(view.As<float>(), () => random.NextSingle()); break;
            case ElementType.Float64: Fill(view.As<double>(), random.NextDouble); break;
            case ElementType.Float16: Fill(view.As<Half>(), () => (Half)random.NextSingle()); break;
            case ElementType.BFloat16: Fill(view.As<ushort>(), () => Numbers.ToBFloat16(random.NextSingle())); break;
            case ElementType.Bool: Fill(view.As<bool>(), () => random.Next(2) == 1); break;
            case ElementType.Int8: Fill(view.As<sbyte>(), () => (sbyte)random.Next(2)); break;
            case ElementType.UInt8: Fill(view.As<byte>(), () => (byte)random.Next(2)); break;
            case ElementType.Int16: Fill(view.As<short>(), () => (short)random.Next(2)); break;
            case ElementType.UInt16: Fill(view.As<ushort>(), () => (ushort)random.Next(2)); break;
            case ElementType.Int32: Fill(view.As<int>(), () => random.Next(2)); break;
            case ElementType.UInt32: Fill(view.As<uint>(), () => (uint)random.Next(2)); break;
            case ElementType.Int64: Fill(view.As<long>(), () => random.Next(2)); break;
            case ElementType.UInt64: Fill(view.As<ulong>(), () => (ulong)random.Next(2)); break;
        }
        return view;
    }

    private static void Fill<T>(Span<T> items, Func<T> next)
    {
        for (int i = 0; i < items.Length; i++) items[i] = next();
    }

    private sealed class SameOutputs(IReadOnlyList<TensorView> views) : IOutputSink
    {
        public TensorView Take(int output, ModelPort port, ReadOnlySpan<long> dims) =>
            views[output].Dims.SequenceEqual(dims) ? views[output] : TensorView.New(port.Type, dims);
    }
}
