using Nncc.Passes;
using Nncc.Passes.Rules;

namespace Nncc.Backends.Verification;

/// <summary>
/// Compares a model with its canonical form on made-up inputs. Where they differ, the first step that makes it so is searched, its rule or
/// pass is left out, and the whole is done again; what was left out stands in <see cref="StepLog.Refuted"/>. Open sizes are bound for the
/// comparison and stay open in the result.
/// </summary>
/// <param name="compiler">Its options say what is compiled.</param>
/// <param name="cancellation">Ends it.</param>
internal sealed class FinalCheck(Compiler compiler, CancellationToken cancellation)
{
    // So many different mistakes in one model leave nothing to trust: then no rule is applied.
    private const int MostRounds = 8;

    /// <summary>The canonical form.</summary>
    /// <exception cref="NnccException">The evaluator, which judges, cannot run the model.</exception>
    public Model Canonicalize(Model model)
    {
        var log = compiler.Options.Steps ?? new StepLog();
        var passes = compiler.Options.Passes with { Check = RuleCheck.None };
        for (int round = 0; ; round++)
        {
            var tried = compiler.With(compiler.Options with { Passes = passes, Steps = log });
            if (passes.Level == 0 || new StepBisection(tried, model, cancellation: cancellation).Find() is not { First: { } step } found)
                return tried.Canonicalize(model, cancellation);
            var rule = compiler.Rules.Rules.FirstOrDefault(r => r.Id == step.Name);
            string after = found.Fault?.Message ?? string.Join(", ", found.After.Where(o => !o.Agrees).Select(o =>
                string.Create(System.Globalization.CultureInfo.InvariantCulture,
                    $"the error of output \"{o.Output}\" is {o.Error:G2} and may be {o.Bar:G2}")));
            log.Refuted.Add(new RefutedStep(step.Name, rule is null ? $"pass {step.Pass}" : $"{rule.Place}",
                step.Removed.LastOrDefault() ?? step.Added.LastOrDefault() ?? step.Pass, after));
            passes = round + 1 == MostRounds ? passes with { Level = 0 }
                : passes with { Disabled = passes.Disabled.Add(rule?.Id ?? step.Pass) };
        }
    }
}
