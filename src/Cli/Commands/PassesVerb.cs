using System.Collections.Immutable;
using Nncc.Backends;
using Nncc.Passes;

namespace Nncc.Cli.Commands;

/// <summary>The passes.</summary>
internal sealed class PassesVerb() : Verb("passes", "List the passes of a compilation")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc passes list", "in the order in which they run")];

    /// <inheritdoc/>
    public override ImmutableArray<Verb> Children => [new PassesListVerb()];
}

/// <summary>Lists the passes.</summary>
internal sealed class PassesListVerb : Verb
{
    private readonly RewriteOptions rewriting = new();

    public PassesListVerb() : base("list", "List the passes in the order in which they run") => Takes([.. rewriting.All]);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc passes list -O1", "those of a level")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
        [new("passes[].name", "name for --disable and dump --after"), new("passes[].summary", "what it needs and leaves true")];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var compiler = new Compiler(new CompilerOptions
        {
            Passes = rewriting.Apply(call, new CompileOptions()), RuleFolders = rewriting.Folders(call),
            Plugins = rewriting.Plugins(call),
        });
        var passes = compiler.Optimization.Passes.AddRange(compiler.CSharp.Lowering.Passes);
        var table = new TextTable("pass", "what it does");
        foreach (var pass in passes) table.Add(pass.Name, pass.Summary);
        call.Output.Table(table);
        call.Output.Json(new { passes = passes.Select(p => new { name = p.Name, summary = p.Summary }) });
        return ExitCode.Ok;
    }
}
