using Nncc.Backends.CSharp;
using Nncc.IR;
using Nncc.IR.Ops;
using Nncc.Passes;
using Nncc.Passes.Strategies;
using Nncc.Passes.Targets;

namespace Nncc.Tests.Backends;

/// <summary>What users of an emitted class meet: runs, faults before anything runs, memory, names.</summary>
public class EmittedClassTests
{
    // Two inputs, two outputs, a gather that can fail.
    private static Graph Graph()
    {
        var b = new GraphBuilder("net");
        int x = b.Input("image", DType.Float32, 2, 3), places = b.Input("places", DType.Int64, 4);
        int w = b.Constant("w", Tensor.Of([3, 5], Enumerable.Range(0, 15).Select(i => i * 0.25f).ToArray()));
        int product = b.Add("product", new MatMul(), x, w);
        b.Output("logits", b.Add("relu", new Relu(), product));
        b.Output("rows", b.Add("taken", new Gather(), product, places));
        return b.Build();
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        using var driver = new EmittedDriver(Graph(), """
                public static long Allocated(string file)
                {
                    using var weights = Weights.Open(file);
                    using var model = new Net(weights);
                    var image = new float[6];
                    var places = new long[4];
                    var logits = new float[10];
                    var rows = new float[20];
                    var inputs = new[] { new TensorView(ElementType.Float32, image, [2, 3]), new TensorView(ElementType.Int64, places, [4]) };
                    var sink = new Sink { Views = [new TensorView(ElementType.Float32, logits, [2, 5]), new TensorView(ElementType.Float32, rows, [4, 5])] };
                    for (int i = 0; i < 3; i++)
                    {
                        model.Run(image, places, logits, rows);
                        model.Run(inputs, sink);
                    }
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    for (int i = 0; i < 100; i++)
                    {
                        model.Run(image, places, logits, rows);
                        model.Run(inputs, sink);
                    }
                    return GC.GetAllocatedBytesForCurrentThread() - before;
                }

                private sealed class Sink : IOutputSink
                {
                    public TensorView[] Views = [];
                    public TensorView Take(int output, ModelPort port, ReadOnlySpan<long> dims) => Views[output];
                }
            """);
        Assert.Equal(0L, driver.Call("Allocated", driver.WeightsFile));
    }

    [Fact]
    public void The_general_run_gives_what_the_typed_one_does()
    {
        using var driver = new EmittedDriver(Graph(), """
                public static float[][] Both(string file)
                {
                    using var weights = Weights.Open(file);
                    using var model = new Net(weights);
                    // Two instances share the weights.
                    using var other = new Net(weights);
                    float[] image = [9, 1, -2, 3, 4, 5, -6];
                    long[] places = [0, 1, -1, -2];
                    var logits = new float[10];
                    var rows = new float[20];
                    model.Run(image.AsSpan(1), places, logits, rows);
                    var sink = new NewOutputs();
                    other.Run([new TensorView(ElementType.Float32, image, [2, 3], start: 1), new TensorView(ElementType.Int64, places, [4])], sink);
                    return [logits, sink.Views[0].As<float>().ToArray(), rows, sink.Views[1].As<float>().ToArray()];
                }

                public static string Info() => $"{Net.Info.Inputs[0]} {Net.Info.Inputs[1].Count} {Net.Info.Outputs[1]} {Net.Info.Target} {Net.Info.WeightsHash.Length}";
            """);
        var results = (float[][])driver.Call("Both", driver.WeightsFile)!;
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[2], results[3]);
        Assert.Equal([5, 5.5f, 6, 6.5f, 7, 0, 0, 0, 0, 0], results[0]);
        Assert.Equal("\"image\" Float32[2, 3] 4 \"rows\" Float32[4, 5] cpu-sse 64", driver.Call("Info"));
    }

    [Fact]
    public void Faults_are_told_before_anything_runs()
    {
        using var driver = new EmittedDriver(Graph(), """
                public static string Try(string file, string what)
                {
                    using var weights = Weights.Open(file);
                    var model = new Net(weights);
                    var image = new float[6];
                    var places = new long[4];
                    var logits = new float[10];
                    var rows = new float[20];
                    Array.Fill(logits, 7);
                    var views = new[] { new TensorView(ElementType.Float32, image, [2, 3]), new TensorView(ElementType.Int64, places, [4]) };
                    try
                    {
                        switch (what)
                        {
                            case "short": model.Run(image.AsSpan(1), places, logits, rows); break;
                            case "long": model.Run(image, places, new float[11], rows); break;
                            case "index": places[2] = 2; model.Run(image, places, logits, rows); break;
                            case "count": model.Run(views.AsSpan(1), new NewOutputs()); break;
                            case "dims": views[0] = new TensorView(ElementType.Float32, image, [3, 2]); model.Run(views, new NewOutputs()); break;
                            case "type": views[0] = new TensorView(ElementType.Int32, new int[6], [2, 3]); model.Run(views, new NewOutputs()); break;
                            case "view": _ = new TensorView(ElementType.Float32, image, [7]); break;
                            case "array": _ = new TensorView(ElementType.Float32, places, [4]); break;
                            case "disposed": model.Dispose(); model.Dispose(); model.Run(image, places, logits, rows); break;
                            case "weights": weights.Dispose(); weights.Dispose(); model.Run(image, places, logits, rows); break;
                            case "inside": model.Run(views, new Nested(model)); break;
                        }
                        return "nothing";
                    }
                    catch (Exception e)
                    {
                        if (what != "index" && Array.Exists(logits, v => v != 7)) return "it ran";
                        return $"{e.GetType().Name}: {e.Message}";
                    }
                    finally
                    {
                        model.Dispose();
                    }
                }

                public static string Open(string file)
                {
                    try
                    {
                        using var weights = Weights.Open(file);
                        using var model = new Net(weights);
                        return $"opened, intact {weights.IsIntact()}";
                    }
                    catch (Exception e)
                    {
                        return $"{e.GetType().Name}: {e.Message}";
                    }
                }

                // Asks for memory while it disposes of the model: the run must not see freed memory.
                private sealed class Nested(Net model) : IOutputSink
                {
                    public TensorView Take(int output, ModelPort port, ReadOnlySpan<long> dims)
                    {
                        model.Dispose();
                        return TensorView.New(port.Type, dims);
                    }
                }
            """);
        string Try(string what) => (string)driver.Call("Try", driver.WeightsFile, what)!;
        Assert.StartsWith("ArgumentException: \"image\" Float32[2, 3] takes 6 elements, got 5", Try("short"));
        Assert.StartsWith("ArgumentException: \"logits\" Float32[2, 5] takes 10 elements, got 11", Try("long"));
        Assert.Equal("InvalidDataException: node \"taken\": index 2 is outside of an axis of size 2", Try("index"));
        Assert.StartsWith("ArgumentException: 2 inputs are expected, got 1", Try("count"));
        Assert.StartsWith("ArgumentException: \"image\" Float32[2, 3] is expected, got Float32[3, 2]", Try("dims"));
        Assert.StartsWith("ArgumentException: \"image\" Float32[2, 3] is expected, got Int32[2, 3]", Try("type"));
        Assert.StartsWith("ArgumentException: the sizes [7] are 7 elements, and there are 6", Try("view"));
        Assert.StartsWith("ArgumentException: Int64[] does not hold Float32", Try("array"));
        Assert.StartsWith("ObjectDisposedException", Try("disposed"));
        Assert.StartsWith("ObjectDisposedException", Try("weights"));
        Assert.StartsWith("ObjectDisposedException", Try("inside"));

        string Open(Action<byte[]> change, int cut = 0)
        {
            byte[] bytes = File.ReadAllBytes(driver.WeightsFile);
            change(bytes);
            string file = driver.WeightsFile + ".changed";
            File.WriteAllBytes(file, bytes[..^cut]);
            return (string)driver.Call("Open", file)!;
        }
        Assert.Equal("opened, intact True", Open(_ => { }));
        Assert.Equal("opened, intact False", Open(bytes => bytes[4100]++));
        Assert.Contains("is cut off or was changed", Open(_ => { }, cut: 1));
        Assert.Contains("is not a weights file", Open(bytes => bytes[0] = 0));
        Assert.Contains("give the weights file that was written with it", Open(bytes => bytes[30]++));
        Assert.StartsWith("FileNotFoundException", (string)driver.Call("Open", driver.WeightsFile + ".absent")!);
    }

    [Fact]
    public void Names_of_a_model_cannot_reach_the_code()
    {
        string[] names =
        [
            "x\"); System.Environment.Exit(7); //", "line\nend\r\u2028*/ "
                + "break", "class", "i0", "o0", "weights", "1", "", "名前", "a{b}", "\u202Eright\u202C", "\uD800lone", "a", "A",
            "nameof", "<b>&'", "\\u0022", "ReadOnlySpan", "Info", "Net",
        ];
        var edit = new GraphEdit("net \"*/ // \n #error </summary>");
        foreach (string name in names)
        {
            int x = edit.AddInput(name, new TensorType(DType.Float32, [3]));
            var node = edit.Insert(new Gather(), [x, edit.AddConstant(Tensor.Scalar(1L))], Provenance.Of(name), [$"{name}!"]);
            edit.AddOutput($"{name} out", edit.Insert(new Relu(), [node.Outputs[0]], Provenance.Of(name)).Outputs[0]);
        }
        using var driver = new EmittedDriver(edit.Freeze(), """
                public static string[] Inputs() => Array.ConvertAll(System.Linq.Enumerable.ToArray(Net.Info.Inputs), p => p.Name);
            """);
        var expected = driver.Program.Inputs.Select(p => p.Name).ToArray();
        Assert.Equal(names, expected);
        Assert.Equal(expected, (string[])driver.Call("Inputs")!);
        string text = driver.Artifact.Files.Single(f => f.Path == "Net.cs").ReadText();
        Assert.DoesNotContain('\u202E', text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length < 1000));
    }

    [Theory]
    [InlineData("Weights", "Models", "uses the name \"Weights\"")]
    [InlineData("Simd", "Models", "uses the name \"Simd\"")]
    [InlineData("Math", "Models", "uses the name \"Math\"")]
    [InlineData("Run", "Models", "uses the name \"Run\"")]
    [InlineData("class", "Models", "is a word of C#")]
    [InlineData("record", "Models", "is a word of C#")]
    [InlineData("1st", "Models", "is no C# name")]
    [InlineData("A-B", "Models", "is no C# name")]
    [InlineData("Net", "My.System", "uses the name \"System\"")]
    [InlineData("Net", "My.Buffer", "uses the name \"Buffer\"")]
    [InlineData("Net", "My..Space", "is no C# name")]
    [InlineData("Net", "Net.Inner", "class and namespace have the name \"Net\"")]
    public void Names_that_would_not_compile_are_refused(string className, string space, string message)
    {
        var backend = new CSharpBackend(TargetProfiles.Standard()["cpu-sse"], FusionStrategies.Standard().Find("none"),
            new CSharpOptions(className, space));
        var fault = Assert.Throws<NnccException>(() => backend.Lower(Graph(), new PassContext(OpRegistry.Standard()))).Faults[0];
        Assert.Equal(FaultCodes.BadName, fault.Code);
        Assert.Contains(message, fault.Message);
    }

    [Theory]
    [InlineData("squeezenet1.1", "Squeezenet11")]
    [InlineData("weights", "WeightsModel")]
    [InlineData("range", "RangeModel")]
    [InlineData("models", "ModelsModel")]
    [InlineData("2nd", "Model2nd")]
    [InlineData("名前", "Model")]
    [InlineData("a b-c_d", "ABCD")]
    public void Class_names_are_made_from_file_names(string stem, string expected) => Assert.Equal(expected, CSharpOptions.ClassName(stem));

    [Fact]
    public void Odd_names_that_are_legal_compile()
    {
        using var driver = new EmittedDriver(Graph(), """
                public static string Name() => typeof(_x1).FullName!;
            """, new CSharpOptions("_x1", "My.Own_Space.Deep"));
        Assert.Equal("My.Own_Space.Deep._x1", driver.Call("Name"));
    }

    [Fact]
    public void Models_without_inputs_or_with_views_alone_work()
    {
        var edit = new GraphEdit("constants");
        edit.AddOutput("c", edit.AddConstant(Tensor.Vector(1f, 2)));
        int x = edit.AddInput("x", new TensorType(DType.Int32, [2, 2]));
        edit.AddOutput("same", x);
        edit.AddOutput("flat", edit.Insert(new Flatten(), [x], Provenance.Of("flat")).Outputs[0]);
        using var driver = new EmittedDriver(edit.Freeze(), """
                public static int[] Run(string file)
                {
                    using var weights = Weights.Open(file);
                    using var model = new Net(weights);
                    var c = new float[2];
                    var same = new int[4];
                    var flat = new int[4];
                    model.Run([1, 2, 3, 4], c, same, flat);
                    return [(int)c[1], same[3], flat[2]];
                }
            """);
        Assert.Equal([2, 4, 3], (int[])driver.Call("Run", driver.WeightsFile)!);
    }

    /// <summary>The example of the README is a program.</summary>
    [Fact]
    public void The_example_of_the_readme_compiles()
    {
        using var driver = new EmittedDriver(Graph(), "");
        string readme = driver.Artifact.Files.Single(f => f.Path == "README.md").ReadText();
        string example = readme.Split("```csharp\n")[1].Split("```")[0];
        string body = string.Concat(example.Split('\n')
            .Where(line => !line.StartsWith("using ", StringComparison.Ordinal) || line.Contains('=')).Select(l => $"{l}\n"));
        string opened = string.Concat(example.Split('\n')
            .Where(line => line.StartsWith("using ", StringComparison.Ordinal) && !line.Contains('=')).Select(l => $"{l}\n"));
        var sources = driver.Artifact.Files.Where(f => f.Path.EndsWith(".cs", StringComparison.Ordinal)).Select(f => (f.Path, f.ReadText()))
            .Append(("Example.cs", $"{opened}static class Example {{ static void Main() {{ {body} }} }}"));
        Assert.NotEmpty(HostCompiler.Compile(sources, "example"));
        Assert.Contains("`image`", readme);
        Assert.Contains("nncc", readme);
    }
}
