namespace Nncc.Backends;

/// <summary>Turns a canonical model into files that somebody uses.</summary>
public interface IBackend
{
    /// <summary>Name for <c>--emit</c>.</summary>
    string Name { get; }

    /// <summary>The files for a model.</summary>
    /// <exception cref="NnccException">The backend cannot do this model: all reasons.</exception>
    Artifact Emit(Model model, Nncc.Passes.PassContext context);
}
