using System.Text.RegularExpressions;

namespace Nncc.Cli;

/// <summary>What <c>nncc new</c> writes a start of.</summary>
/// <param name="Name">The word on the command line.</param>
/// <param name="Summary">What it is.</param>
/// <param name="Example">A name for one.</param>
/// <param name="Names">What names are good, as advice.</param>
/// <param name="Files">Its files, for a name and the folder of nncc's assemblies.</param>
/// <param name="Next">What to do with it.</param>
internal sealed partial record StartKind(string Name, string Summary, string Example, string Names,
    Func<string, string, IEnumerable<(string File, string Text)>> Files, Func<string, string> Next)
{
    /// <summary>A folder of rules.</summary>
    public static StartKind Rules { get; } = new("rules", "a rule pack, which needs no compiler", "my-rules",
        "take letters, digits and hyphens, beginning with a letter", (name, _) => RuleFiles(name),
        folder => $"nncc rules list --rules {folder} shows its rule, and test.sh tests it");

    /// <summary>A project of a plugin.</summary>
    public static StartKind Plugin { get; } = new("plugin", "a plugin, a .NET project", "MyPlugin",
        "take letters and digits, beginning with a letter", PluginFiles,
        folder => $"dotnet build {folder} -c Release builds it, and test.sh tests it");

    /// <summary>Whether a name is one for it.</summary>
    public bool IsName(string name) => (this == Plugin ? PluginName() : RulesName()).IsMatch(name);

    private static IEnumerable<(string, string)> RuleFiles(string name) =>
    [
        ($"{name}.rules", """
            set canonical

            # The comment above a rule says why it holds: a sigmoid is never negative.
            rule relu-of-sigmoid
              match   Relu(Sigmoid(x))
              rewrite Sigmoid(x)

            """),
        ("example.nnir", """
            nnir 1
            graph "example" stage=imported {
              input %0 "x" f32[4]
              %1 = Sigmoid(%0) "gate" f32[4] @"gate"
              %2 = Relu(%1) "y" f32[4] @"relu"
              output "y" %2
            }

            """),
        ("test.sh", """
            #!/bin/sh
            # The rule is applied once to the example, and the answers stay the same.
            set -e
            cd "$(dirname "$0")"
            nncc compile example.nnir --rules . --emit onnx -o example.onnx --expect relu-of-sigmoid=1
            nncc verify example.nnir --rules . --target none

            """.ReplaceLineEndings("\n")),
        ("README.md", $"""
            # {name}

            Rules for nncc: `nncc compile model.onnx --rules {name}`. The language is in `rules/README.md` of nncc. `test.sh` tests them.

            """),
    ];

    private static IEnumerable<(string, string)> PluginFiles(string name, string assemblies) =>
    [
        ($"{name}.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <EnableDynamicLoading>true</EnableDynamicLoading>
                <!-- The folder of the nncc that it is built against. -->
                <NnccFolder Condition="'$(NnccFolder)' == ''">{System.Security.SecurityElement.Escape(assemblies)}</NnccFolder>
              </PropertyGroup>
              <ItemGroup>
                <!-- nncc brings these itself: they must not lie beside the plugin. -->
                <Reference Include="Nncc.IR" HintPath="$(NnccFolder)/Nncc.IR.dll" Private="false" />
                <Reference Include="Nncc.Passes" HintPath="$(NnccFolder)/Nncc.Passes.dll" Private="false" />
                <EmbeddedResource Include="*.rules" LogicalName="%(Filename)%(Extension)" />
              </ItemGroup>
            </Project>

            """),
        ("Double.cs", $$"""
            using System.Collections.Immutable;
            using Nncc.IR;

            namespace {{name}};

            /// <summary>2 x, elementwise.</summary>
            public sealed record Double : Op, IOpDefined
            {
                public static OpDefinition Definition { get; } = OpDefinition.For<Double>("X", "Y", [1], domain: "com.example");

                public override string Domain => "com.example";

                public override ImmutableArray<IrType> Infer(InferContext context) => [context.Floats(0)];

                public override ImmutableArray<Datum> Evaluate(EvaluateContext context)
                {
                    var x = context.Tensor(0);
                    return [context.Floats(x.DType, x.Dims.AsSpan(), [.. x.ToDoubles().Select(value => 2 * value)])];
                }

                public override Work Measure(MeasureContext context) => context.Elementwise(1);
            }

            """),
        ("ExpandDouble.cs", $$"""
            using Nncc.IR;
            using Nncc.IR.Ops;
            using Nncc.Passes;

            namespace {{name}};

            /// <summary>Writes Double as an addition, which every backend has.</summary>
            public sealed class ExpandDouble : IPass
            {
                public string Name => "expand-double";

                public string Summary => "Replaces com.example.Double by Add. Leaves none.";

                public Graph Run(Graph graph, PassContext context)
                {
                    graph = context.InBodies(graph, Run);
                    var edit = new GraphEdit(graph);
                    foreach (var node in graph.Nodes.Where(n => n.Op is Double))
                        context.Step(edit, Name, () => edit.Change(node, new Add(), [node.Inputs[0], node.Inputs[0]],
                            Provenance.Merge([node.Origin], Name)));
                    return edit.Freeze();
                }
            }

            """),
        ($"{name}Plugin.cs", $$"""
            using Nncc.Passes.Plugins;

            [assembly: Plugin(IPlugin.ContractVersion, typeof({{name}}.{{name}}Plugin))]

            namespace {{name}};

            /// <summary>What nncc loads.</summary>
            public sealed class {{name}}Plugin : IPlugin
            {
                public string Name => "{{name}}";

                public void Register(PluginRegistration registration)
                {
                    registration.Add(Double.Definition);
                    registration.Add(new ExpandDouble());
                    registration.AddRules(typeof({{name}}Plugin).Assembly);
                }
            }

            """),
        ("double.rules", """
            set canonical

            # relu(2 x) for x = relu(z) is 2 x: nothing is negative.
            rule relu-of-double-of-relu
              match   Relu(com.example.Double(Relu(x)))
              rewrite com.example.Double(Relu(x))

            """),
        ("example.nnir", """
            nnir 1
            graph "example" stage=imported {
              input %0 "x" f32[4]
              %1 = Relu(%0) "positive" f32[4] @"positive"
              %2 = com.example.Double(%1) "twice" f32[4] @"twice"
              %3 = Relu(%2) "y" f32[4] @"relu"
              output "y" %3
            }

            """),
        ("test.sh", $"""
            #!/bin/sh
            # The example is read, its rule applied, and every engine gives the same answers.
            set -e
            cd "$(dirname "$0")"
            dotnet build -c Release -v q --nologo
            plugin=bin/Release/net10.0/{name}.dll
            nncc plugins list --plugin $plugin
            nncc compile example.nnir --plugin $plugin --emit onnx -o example.onnx --expect relu-of-double-of-relu=1
            nncc verify example.nnir --plugin $plugin --target cpu-scalar

            """.ReplaceLineEndings("\n")),
        ("README.md", $"""
            # {name}

            A plugin for nncc: an op, a pass that writes it in others, a rule. `test.sh` builds and tests it.

            """),
    ];

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]*$")]
    private static partial Regex RulesName();

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]*$")]
    private static partial Regex PluginName();
}
