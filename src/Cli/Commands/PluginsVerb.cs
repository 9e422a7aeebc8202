using System.Collections.Immutable;
using System.CommandLine;
using Nncc.Passes.Plugins;

namespace Nncc.Cli.Commands;

/// <summary>The plugins.</summary>
internal sealed class PluginsVerb() : Verb("plugins", "List the plugins of the user's folder and of the command line")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc plugins list", "with what each of them adds")];

    /// <inheritdoc/>
    public override ImmutableArray<Verb> Children => [new PluginsListVerb()];
}

/// <summary>Lists plugins.</summary>
internal sealed class PluginsListVerb : Verb
{
    private readonly Option<string[]> plugins = RewriteOptions.Plugin();

    public PluginsListVerb() : base("list", "Load the plugins and list what they add") => Takes(plugins);

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new("nncc plugins list --plugin my-plugin/bin/MyPlugin.dll", "with one more")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json =>
    [
        new("contract", "version of the contract between nncc and plugins"),
        new("folder", "the user's folder for plugins"),
        new("plugins[].name", "name of a plugin"),
        new("plugins[].version", "version of its assembly"),
        new("plugins[].file", "its assembly"),
        new("plugins[].ops[]", "ops that it adds"),
        new("plugins[].passes[]", "passes that it adds"),
        new("plugins[].functions[]", "rule functions that it adds"),
        new("plugins[].rules[]", "rule files that it adds"),
        new("plugins[].strategies[]", "fusion strategies that it adds"),
        new("plugins[].targets[]", "files of targets that it adds"),
        new("plugins[].templates[]", "kernel templates that it adds"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        var found = PluginSet.Load(PluginFolder.Files().Concat(call.Get(plugins)!)).Plugins;
        var table = new TextTable("plugin", "version", "adds", "file");
        foreach (var plugin in found)
            table.Add(plugin.Name, plugin.Version, string.Join(", ", plugin.Ops.Concat(plugin.Passes).Concat(plugin.Functions)
                .Concat(plugin.RuleFiles).Concat(plugin.Strategies).Concat(plugin.Targets).Concat(plugin.Templates)), plugin.File);
        if (found.IsEmpty) call.Output.Told($"no plugins in {PluginFolder.Path}, and none by --plugin");
        else call.Output.Table(table);
        call.Output.Json(new
        {
            contract = IPlugin.ContractVersion, folder = PluginFolder.Path,
            plugins = found.Select(p => new
            {
                name = p.Name, version = p.Version, file = p.File, ops = p.Ops, passes = p.Passes, functions = p.Functions,
                rules = p.RuleFiles, strategies = p.Strategies, targets = p.Targets, templates = p.Templates,
            }),
        });
        return ExitCode.Ok;
    }
}
