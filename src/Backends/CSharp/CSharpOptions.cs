namespace Nncc.Backends.CSharp;

/// <summary>What the user decides about emitted C#.</summary>
/// <param name="Class">Name of the model's class; null for one made from the model's name.</param>
/// <param name="Namespace">Namespace of all emitted types.</param>
/// <param name="IsLibrary">Whether the project is a library, without <c>Program.cs</c>.</param>
/// <param name="Command">The command line that made it, for the README; null where there is none.</param>
/// <param name="ExactConv">
/// Without kernels that do not sum what a convolution sums (Winograd's), so that NaN and infinities come out where ONNX has them.
/// </param>
public sealed record CSharpOptions(string? Class = null, string Namespace = "Models", bool IsLibrary = false, string? Command = null,
    bool ExactConv = false)
{
    /// <summary>The most threads that may be asked for.</summary>
    public const int MostThreads = 64;

    /// <summary>Threads that an instance of the class may have at most.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>The class name for a model of that name: letters and digits of it, words capitalized, and a name that is free.</summary>
    public static string ClassName(string model)
    {
        var words = new string([.. model.Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string name = string.Concat(words.Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
        if (name.Length > 60) name = name[..60];
        if (name.Length == 0) return "Model";
        if (char.IsAsciiDigit(name[0])) return $"Model{name}";
        return CSharpNames.IsTaken(name) || name == new CSharpOptions().Namespace ? $"{name}Model" : name;
    }
}
