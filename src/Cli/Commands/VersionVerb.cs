using System.Collections.Immutable;
using Nncc.Backends;

namespace Nncc.Cli.Commands;

/// <summary>Prints name and version.</summary>
internal sealed class VersionVerb() : Verb("version", "Print the version")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc version", ToolVersion.Name)];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json => [new("name", "nncc"), new("version", "the version")];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        call.Output.Line(ToolVersion.Name);
        call.Output.Json(new { name = "nncc", version = ToolVersion.Number });
        return ExitCode.Ok;
    }
}
