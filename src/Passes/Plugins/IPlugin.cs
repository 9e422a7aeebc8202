namespace Nncc.Passes.Plugins;

/// <summary>
/// What a plugin's assembly has one of, named by its <see cref="PluginAttribute"/>. It needs a constructor without parameters.
/// </summary>
public interface IPlugin
{
    /// <summary>Version of the contract between nncc and its plugins: this interface and what it leads to.</summary>
    const string ContractVersion = "0.2";

    /// <summary>Its name, for lists and messages.</summary>
    string Name { get; }

    /// <summary>Registers what it adds. Called once for each time that it is loaded.</summary>
    void Register(PluginRegistration registration);
}

/// <summary>Makes an assembly a plugin.</summary>
/// <param name="contract">The version of the contract that it was built for: <see cref="IPlugin.ContractVersion"/> at that time.</param>
/// <param name="type">The type that is its <see cref="IPlugin"/>.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class PluginAttribute(string contract, Type type) : Attribute
{
    /// <summary>The version of the contract.</summary>
    public string Contract { get; } = contract;

    /// <summary>The plugin's type.</summary>
    public Type Type { get; } = type;
}
