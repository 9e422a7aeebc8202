using System.Text;
using Nncc.IR;
using Nncc.IR.Text;

namespace Nncc.Tests.Text;

/// <summary>What is not in the form is refused with line, column and advice; hostile text costs no more than its length.</summary>
public sealed class ParserFaultTests
{
    private static readonly OpRegistry Ops = OpRegistry.Standard();

    [Theory]
    [InlineData("", "text:1:1", "does not start with \"nnir 1\"")]
    [InlineData("nnir 2\ngraph \"g\" {}", "text:1:1", "version 2")]
    [InlineData("nnir 1\ngraph \"g\" {", "text:2:12", "the text ends where '}'")]
    [InlineData("nnir 1\ngraph \"g\" {}}", "text:2:13", "the end of the text")]
    [InlineData("nnir 1\ngraph \"g\" stage=late {}", "text:2:17", "late is no stage")]
    [InlineData("nnir 1\ngraph \"g\" {\n  input %0 \"x\" f33[1]\n}", "text:3:16", "the type of the input")]
    [InlineData("nnir 1\ngraph \"g\" {\n  input %0 \"x\" f32[-1]\n}", "text:3:20", "a size cannot be -1")]
    [InlineData("nnir 1\ngraph \"g\" {\n  input %0 \"x\" f32[1]\n  input %0 \"y\" f32[1]\n}", "text:4:10", "%0 is defined twice")]
    [InlineData("nnir 1\ngraph \"g\" {\n  input %0 \"x\" f32[1]\n  input %1 \"x\" f32[1]\n}", "text:4:10",
        "two values have the name \"x\"")]
    [InlineData("nnir 1\ngraph \"g\" {\n  output \"y\" %3\n}", "text:3:15", "%3 is not defined above")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Nothing()\n}", "text:3:8", "Nothing is no op")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = constant(value=i64[]{1})\n}", "text:3:8", "constant is no op")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=3)\n}", "text:3:8", "takes attribute \"value\" as tensor, got 3")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=i64[]{1}, valve=3)\n}", "text:3:8", "no attribute \"valve\"")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[2]{1})\n}", "text:3:23", "has 2 elements, here are 1")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=i8[1]{128})\n}", "text:3:29", "\"128\" is no element of i8")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[2] data 0)\n}", "text:3:23", "there is no data 0")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[1] data 0)\n}\ndata 0 4 bytes\nAAA", "text:5:1", "is not the base64")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[2] data 0)\n}\ndata 0 4 bytes\nAAAAAA==", "text:3:23",
        "has 8 bytes, data 0 has 4")]
    [InlineData("nnir 1\ngraph \"g\" {}\ndata zero", "text:3:1", "data NUMBER COUNT bytes")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = opaque \"d\" \"n\"(; a=1, a=2)\n}", "text:3:30", "\"a\" stands there twice")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = opaque \"d\" \"n\"(; a=[1, \"b\"])\n}", "text:3:27", "of different kinds")]
    [InlineData("nnir 1\ngraph \"g\\q\" {}", "text:2:10", "a backslash stands before")]
    public void A_fault_has_its_place(string text, string place, string message)
    {
        var fault = Assert.Single(Faults(text));
        Assert.Equal(place, fault.Place);
        Assert.Contains(message, fault.Message);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = Faults("""
            nnir 1
            graph "g" {
              input %0 "x" f32[
              %1 = Unsqueeze(%0, %9)
              %2 = opaque "d" "n"(%1; g=graph "body" {
                input %0 "x" g16[]
                output "y" %0
                output "z" %7
              })
              %3 = Unsqueeze(%2
              output "y" %3
              output "z" %8
            }
            """);
        Assert.Equal(["text:4:23", "text:6:18", "text:8:17", "text:11:3", "text:12:15"], faults.Skip(1).Select(f => f.Place));
    }

    [Theory]
    [InlineData("nnir 1\ngraph \"g\" {\n  input %2000000000 \"x\" f32[1]\n}")]
    [InlineData("nnir 1\ngraph \"g\" next=%2000000000,#2000000000 {}")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[1000000000000] data 0)\n}\ndata 0 4000000000000 bytes\nAAAA")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[1000000000000]{})\n}")]
    [InlineData("nnir 1\ngraph \"g\" {\n  %0 = Constant(value=f32[4000000000000x4000000000000]{})\n}")]
    public void Large_numbers_take_no_memory(string text) => Assert.NotEmpty(Faults(text));

    [Fact]
    public void Deep_nesting_is_refused()
    {
        const int deep = 100_000;
        Assert.Contains("nested",
            Faults($"nnir 1\ngraph \"g\" {{ input %0 \"x\" {new string('(', 0)}{string.Concat(Enumerable.Repeat("seq(", deep))}")
            .First().Message);
        Assert.Contains("nested", Faults($"nnir 1\ngraph \"g\" {{ input %0 \"x\" f32[{new string('(', deep)}").First().Message);
        var graphs = new StringBuilder("nnir 1\ngraph \"g\" {");
        for (int i = 0; i < deep; i++) graphs.Append(" %0 = opaque \"d\" \"n\"(g=graph \"b\" {");
        Assert.Contains(Faults(graphs.ToString()), f => f.Message.Contains("nested", StringComparison.Ordinal));
        string product = string.Join('*', Enumerable.Range(0, 40).Select(i => $"(a{i}+b{i})"));
        Assert.Contains("terms", Faults($"nnir 1\ngraph \"g\" {{ input %0 \"x\" f32[{product}] }}").First().Message);
    }

    [Fact]
    public void Cut_and_changed_texts_never_throw_anything_else()
    {
        const string text = """
            nnir 1
            dim N = 1..8
            graph "g" stage=canonical {
              input %0 "x" f32[N,3] = f32[1x3]{1, nan, bits(0x7fc00001)}
              %1 = Constant(value=i64[1]{0}) "axes" i64[1] @"Constant#0" by "a","b"
              %2 = Unsqueeze(%0, %1) "u" f32[1,N,3] layout(order=[0,2,1], axis=-1, block=1, halo=[])
              #7 %3, _ = opaque<1> "d" "n"(%2, _; g=graph "b" { input %0 "i" unknown output "o" %0 }, l=[1, 2.0], e=ints[], d=f32[40] data 0) "o" unknown
              output "y" %3
            }
            data 0 160 bytes
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
            AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==
            """;
        Parser.Parse(text, Ops);
        var random = new Random(1);
        const string signs = "%#_{}[]()<>=;:,.\"'\\/ \n0189-+xNadg\u00e9";
        for (int i = 0; i < 3000; i++)
        {
            var changed = new StringBuilder(text);
            for (int k = random.Next(1, 4); k > 0; k--)
            {
                int at = random.Next(changed.Length);
                switch (random.Next(3))
                {
                    case 0: changed.Remove(at, Math.Min(random.Next(1, 30), changed.Length - at)); break;
                    case 1: changed.Insert(at, signs[random.Next(signs.Length)]); break;
                    default: changed[at] = signs[random.Next(signs.Length)]; break;
                }
            }
            try
            {
                Parser.Parse(changed.ToString(), Ops);
            }
            catch (NnccException)
            {
            }
        }
    }

    private static IReadOnlyList<Fault> Faults(string text) => Assert.Throws<NnccException>(() => Parser.Parse(text, Ops)).Faults;
}
