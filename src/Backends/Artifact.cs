using System.Collections.Immutable;
using System.Text;

namespace Nncc.Backends;

/// <summary>What a backend makes: files with relative paths, ordered. Nothing touches the disk before it is asked to.</summary>
/// <param name="Files">The files.</param>
public sealed record Artifact(ImmutableArray<ArtifactFile> Files);

/// <summary>A file that is written when it is asked to, so that large content is never held whole.</summary>
/// <param name="Path">Path relative to the artifact's folder, with forward slashes.</param>
/// <param name="Write">Writes the content.</param>
public sealed record ArtifactFile(string Path, Action<Stream> Write)
{
    /// <summary>A text file: UTF-8 without mark, lines end with \n.</summary>
    public static ArtifactFile OfText(string path, string text) => new(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>The content as text, for files that are text.</summary>
    public string ReadText()
    {
        using var stream = new MemoryStream();
        Write(stream);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
