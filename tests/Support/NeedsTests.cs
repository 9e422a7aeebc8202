namespace Nncc.Tests.Support;

public class NeedsTests
{
    [Fact]
    public void The_root_is_a_checkout() => Assert.True(File.Exists(Repository.Under("src", "IR", "Nncc.IR.csproj")));

    [FactNeeding(Needs.Shared)]
    public void Shared_data_has_models() => Assert.True(File.Exists(Path.Combine(Repository.Shared, "models", "README.md")));
}
