namespace Nncc.Passes.Strategies;

/// <summary>
/// A family of kernels as a plugin adds it. What it must be beyond this is said by the backend whose catalog takes it: of the C# backend
/// it is a <c>KernelTemplate</c> of <c>Nncc.Backends</c>.
/// </summary>
public interface IKernelTemplate
{
    /// <summary>Id in schedules, in kebab-case.</summary>
    string Id { get; }
}
