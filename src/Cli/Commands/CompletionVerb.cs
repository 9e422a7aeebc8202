using System.Collections.Immutable;
using System.CommandLine;

namespace Nncc.Cli.Commands;

/// <summary>Prints the script that makes a shell complete verbs, options and their values; it asks nncc itself.</summary>
internal sealed class CompletionVerb : Verb
{
    private static readonly ImmutableSortedDictionary<string, string> Scripts = new Dictionary<string, string>
    {
        ["bash"] = """
            # nncc completion for bash: source it, or write it to ~/.local/share/bash-completion/completions/nncc
            _nncc() {
                local line="${COMP_LINE#* }" word="${COMP_WORDS[COMP_CWORD]}"
                local position=$((COMP_POINT - (${#COMP_LINE} - ${#line})))
                local candidates
                candidates="$("${COMP_WORDS[0]}" "[suggest:$position]" "$line" 2>/dev/null)"
                local IFS=$'\n'
                COMPREPLY=($(compgen -W "$candidates" -- "$word"))
                [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
            }
            complete -o filenames -F _nncc nncc
            """,
        ["zsh"] = """
            #compdef nncc
            # nncc completion for zsh: write it to a file _nncc in a folder of $fpath, or source it
            _nncc() {
                local line="${BUFFER#* }"
                local position=$((CURSOR - (${#BUFFER} - ${#line})))
                local -a candidates
                candidates=("${(@f)$("${words[1]}" "[suggest:$position]" "$line" 2>/dev/null)}")
                compadd -- "${candidates[@]}"
                _files
            }
            compdef _nncc nncc
            """,
        ["fish"] = """
            # nncc completion for fish: write it to ~/.config/fish/completions/nncc.fish
            function __nncc_complete
                set -l line (commandline -cp | string replace -r '^\S+\s?' '')
                nncc "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c nncc -a '(__nncc_complete)'
            """,
        ["pwsh"] = """
            # nncc completion for PowerShell: add it to $PROFILE
            Register-ArgumentCompleter -Native -CommandName nncc -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $whole = $commandAst.ToString()
                $line = $whole -replace '^\S+\s?', ''
                $position = [Math]::Min([Math]::Max($cursorPosition - ($whole.Length - $line.Length), 0), $line.Length)
                & nncc "[suggest:$position]" $line 2>$null |
                    Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private readonly Argument<string> shell = new("shell") { Description = "The shell", HelpName = "SHELL" };

    public CompletionVerb() : base("completion", "Print a script that completes commands in a shell")
    {
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Takes(shell);
    }

    /// <inheritdoc/>
    public override ImmutableArray<Example> Examples =>
    [
        new("source <(nncc completion bash)", "in this shell"),
        new("nncc completion fish > ~/.config/fish/completions/nncc.fish", "for good"),
    ];

    /// <inheritdoc/>
    public override ExitCode Run(Invocation call)
    {
        call.Output.Line(Scripts[call.Get(shell)!]);
        return ExitCode.Ok;
    }
}
