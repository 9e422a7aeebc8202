using Nncc.Backends.OnnxRuntime;
using Nncc.Tests.Support;

namespace Nncc.Tests.OnnxRuntime;

public class OrtLocatorTests
{
    [Fact]
    public void An_absent_library_is_a_fault_that_says_how_to_install_it()
    {
        string root = Path.Combine(Path.GetTempPath(), "no-such-folder");
        var fault = Assert.Throws<NnccException>(() => OrtLocator.Require(null, root)).Faults.Single();
        Assert.Equal(6001, fault.Code.Number);
        Assert.Contains(root, fault.Message);
        Assert.Contains("onnxruntime-node@1.30.0", fault.Advice);
    }

    [Fact]
    public void An_explicit_path_that_is_wrong_is_not_replaced_by_another_place()
    {
        var fault = Assert.Throws<NnccException>(() => OrtLocator.Require("/no/such/library.so", Repository.Root)).Faults.Single();
        Assert.Equal(6001, fault.Code.Number);
        Assert.Contains("library.so", fault.Message);
    }

    [Fact]
    public void An_explicit_path_comes_first_then_the_roots()
    {
        using var folder = new TemporaryFolder();
        string name = OperatingSystem.IsWindows() ? "onnxruntime.dll" : OperatingSystem.IsMacOS() ? "libonnxruntime.dylib"
            : "libonnxruntime.so";
        File.WriteAllText(folder.At(name), "");
        Assert.Equal(folder.At(name), OrtLocator.Find(folder.At(name), Repository.Root));
        Assert.Equal(folder.At(name), OrtLocator.Find(folder.Path, Repository.Root));
        Assert.Null(OrtLocator.Find(null, folder.Path));
    }

    [Fact]
    public void A_file_that_is_no_library_is_a_fault()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.At("some.so"), "text");
        Assert.Equal(6002, Assert.Throws<NnccException>(() => OrtLibrary.Load(folder.At("some.so"))).Faults.Single().Code.Number);
    }

    [FactNeeding(Needs.OnnxRuntime)]
    public void The_installed_library_loads_once_and_says_its_version()
    {
        var library = Judge.Library;
        Assert.Equal("1.30.0", library.Version);
        Assert.NotEmpty(library.BuildInfo);
        var others = new OrtLibrary[8];
        Parallel.For(0, others.Length, i => others[i] = OrtLibrary.Load(null, Repository.Root));
        Assert.All(others, other => Assert.Same(library, other));
    }
}
