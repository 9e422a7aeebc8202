using Example.Swish;
using Nncc.Passes.Plugins;
using Nncc.Passes.Rules;

[assembly: Plugin(IPlugin.ContractVersion, typeof(SwishPlugin))]

namespace Example.Swish;

/// <summary>
/// An op of a domain of its own, a pass that expands it, a rule for it and a function that the rule uses, a kernel for it, a fusion
/// strategy and a target.
/// </summary>
public sealed class SwishPlugin : IPlugin
{
    /// <inheritdoc/>
    public string Name => "swish";

    /// <inheritdoc/>
    public void Register(PluginRegistration registration)
    {
        registration.Add(Swish.Definition);
        // At the end: rules see the op.
        registration.Add(new ExpandSwish());
        registration.Add(new RuleFunction("is-flat", "beta", "whether the sigmoid of a swish is a half everywhere",
            call => call.Number(0) is { } beta ? beta == 0 : call.Failure));
        registration.AddRules(typeof(SwishPlugin).Assembly);
        registration.Add(new SwishTemplate());
        registration.Add(new PairFusion());
        registration.AddTargets(typeof(SwishPlugin).Assembly);
    }
}
