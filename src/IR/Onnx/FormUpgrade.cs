namespace Nncc.IR.Onnx;

/// <summary>Brings a node's form from the opset that it was written for to today's.</summary>
internal static class FormUpgrade
{
    /// <summary>
    /// Applies all changes of later versions, oldest first. A change may rename the form; the changes of the new name that are
    /// later than the renaming follow. Gives the definition of what it has become.
    /// </summary>
    public static OpDefinition Apply(OpForm form, OpDefinition definition, int opset, OpRegistry registry)
    {
        int next = 0;
        while (next < definition.Changes.Length)
        {
            var change = definition.Changes[next++];
            if (change.Version <= opset) continue;
            change.Up?.Invoke(form);
            if (form.Name == definition.Name && form.Domain == definition.Domain) continue;
            opset = change.Version;
            definition = registry.Find(form.Domain, form.Name) ?? throw new InvalidOperationException(
                $"{definition.FullName} becomes {form.Name} at opset {opset}, which is not registered");
            next = 0;
        }
        return definition.IsLegacy ? throw new InvalidOperationException($"{definition.FullName} has no change that renames it")
            : definition;
    }
}
