using System.Collections.Immutable;
using System.CommandLine;

namespace Nncc.Cli.Commands;

/// <summary>Writes starts of rule packs and plugins.</summary>
internal sealed class NewVerb() : Verb("new", "Write a start of a rule pack or a plugin, with a test")
{
    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("nncc new rules my-rules", "a folder with a rule and a model that it is tested on"),
        new("nncc new plugin MyPlugin", "a project with an op, a pass and a rule"),
    ];

    /// <inheritdoc/>
    public override ImmutableArray<Verb> Children => [new NewStartVerb(StartKind.Rules), new NewStartVerb(StartKind.Plugin)];
}

/// <summary>Writes one kind of start.</summary>
internal sealed class NewStartVerb : Verb
{
    private readonly Argument<string> name = new("name") { Description = "Name of the folder, which must not exist", HelpName = "NAME" };
    private readonly StartKind kind;

    public NewStartVerb(StartKind kind) : base(kind.Name, $"Write a start of {kind.Summary}")
    {
        this.kind = kind;
        Takes(name);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples => [new($"nncc new {kind.Name} {kind.Example}", "in a folder of that name")];

    /// <inheritdoc/>
    public override ImmutableArray<JsonField> Json => [new("folder", "the folder"), new("files[]", "the files in it")];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        string folder = call.Get(name)!, plain = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        if (!kind.IsName(plain)) throw new NnccException(FaultCodes.Usage, $"\"{plain}\" is no name for it", "NAME", kind.Names);
        if (Directory.Exists(folder) || File.Exists(folder))
            throw new NnccException(FaultCodes.ForeignFolder, "it exists already", folder, "choose another name");
        var files = kind.Files(plain, AppContext.BaseDirectory).ToList();
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (file, text) in files) File.WriteAllText(Path.Combine(folder, file), text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.FileAccess, e.Message, folder, "choose another place");
        }
        call.Output.Told($"wrote {folder}: {kind.Next(folder)}");
        call.Output.Json(new { folder, files = files.Select(f => f.File) });
        return ExitCode.Ok;
    }
}
