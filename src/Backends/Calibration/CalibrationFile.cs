using System.Globalization;
using System.Text;
using Nncc.IR.Onnx;
using Nncc.Passes.Targets;

namespace Nncc.Backends.Calibration;

/// <summary>The file that a calibration is written to: never one that is there already.</summary>
/// <param name="Name">Name of the profile.</param>
/// <param name="Path">The file.</param>
public sealed record CalibrationFile(string Name, string Path)
{
    /// <summary>
    /// Chooses name and file. What the user gives must be free; what is left to nncc is numbered until it is. That the file can be written
    /// is tried.
    /// </summary>
    /// <param name="start">Name of the profile that is started from.</param>
    /// <param name="name">Name of the new profile; null for one made from the start's.</param>
    /// <param name="path">The file; null for one of the profile's name in the current folder.</param>
    /// <param name="targets">The profiles whose names are taken.</param>
    /// <exception cref="NnccException">The name is none or taken, or the file is there or cannot be written.</exception>
    public static CalibrationFile Choose(string start, string? name, string? path, TargetProfiles targets)
    {
        if (name is not null && !TargetNames.IsValid(name))
            throw new NnccException(FaultCodes.BadTarget, $"\"{name}\" is no name of a target", "--name", TargetNames.Advice);
        if (name is not null && targets.Find(name) is not null)
            throw new NnccException(FaultCodes.BadTarget, $"the name \"{name}\" stands for another target", "--name", "give another name");
        if (path is not null && System.IO.Path.Exists(path))
            throw new NnccException(FaultCodes.FileExists, "the file is there already, and profiles are never written over", path,
                "choose another name with -o, or leave -o out for a numbered one");
        var result = Numbered(name ?? $"{start}-here", path, name is not null, targets);
        OutputFiles.Guard(result.Path, () =>
        {
            using var files = new OutputFiles();
            files.Create(result.Path).Dispose();
            return true;
        });
        return result;
    }

    /// <summary>Writes a profile; where the file came into being meanwhile, it stays as it is.</summary>
    /// <exception cref="NnccException">The file is there or cannot be written.</exception>
    public void Write(TargetProfile profile) => OutputFiles.Guard(Path, () =>
    {
        using var stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        stream.Write(Encoding.UTF8.GetBytes(TargetProfileWriter.Print(profile)));
        return true;
    });

    private static CalibrationFile Numbered(string name, string? path, bool isGiven, TargetProfiles targets)
    {
        for (int number = 1; ; number++)
        {
            string numbered = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            string profile = isGiven ? name : numbered, file = path ?? $"{numbered}{TargetProfiles.FileEnding}";
            if (targets.Find(profile) is null && !System.IO.Path.Exists(file)) return new CalibrationFile(profile, file);
        }
    }
}
