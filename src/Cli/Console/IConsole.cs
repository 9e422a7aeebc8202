namespace Nncc.Cli;

/// <summary>Where a verb writes to; in tests two strings.</summary>
internal interface IConsole
{
    /// <summary>Takes results.</summary>
    TextWriter Out { get; }

    /// <summary>Takes faults, notices and progress.</summary>
    TextWriter Error { get; }

    /// <summary>Whether a person reads <see cref="Out"/> on a terminal.</summary>
    bool IsTerminal { get; }

    /// <summary>Whether a person reads <see cref="Error"/> on a terminal.</summary>
    bool IsErrorTerminal { get; }

    /// <summary>Whether colours are wanted on terminals.</summary>
    bool WantsColor { get; }

    /// <summary>Columns of the terminal; what is not written to a terminal has no width.</summary>
    int Width { get; }
}
