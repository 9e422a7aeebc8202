namespace Nncc.Passes.Targets;

/// <summary>Names of targets: what they may be, and the members of a file that give them.</summary>
public static class TargetNames
{
    /// <summary>What to write in place of a wrong name.</summary>
    public const string Advice = "write small letters, digits, points and hyphens, such as cpu-avx2, and not \"host\"";

    /// <summary>Whether a target may be called so; commas part names, and <c>host</c> is no name of one.</summary>
    public static bool IsValid(string name) => name.Length is > 0 and <= 64 && name != HostTarget.Name && char.IsAsciiLetter(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    /// <summary>The member <c>name</c>.</summary>
    internal static string Read(MemberReader reader)
    {
        string name = reader.Text("name");
        if (name.Length > 0 && !IsValid(name)) reader.Bad($"\"{name}\" is no name of a target", Advice);
        return name;
    }

    /// <summary>The member <c>aliases</c>, which need not be there.</summary>
    internal static string[] ReadAliases(MemberReader reader)
    {
        string[] aliases = reader.OptionalTexts("aliases");
        foreach (string alias in aliases)
            if (!IsValid(alias)) reader.Bad($"\"{alias}\" is no name of a target", Advice);
        return aliases;
    }
}
