namespace Nncc.IR.Onnx;

/// <summary>Why a node cannot be written at an opset.</summary>
/// <param name="Place">The node.</param>
/// <param name="Reason">What the opset lacks.</param>
/// <param name="Needed">The least opset of ai.onnx that has it; null where no other opset would help.</param>
internal sealed record OpsetProblem(string Place, string Reason, int? Needed);

/// <summary>Brings nodes from today's form to that of an older opset.</summary>
/// <param name="registry">The ops.</param>
/// <param name="opset">The opset of ai.onnx that is written.</param>
/// <param name="imports">Opset by domain as the model was read; opaque nodes keep its forms.</param>
internal sealed class FormLowering(OpRegistry registry, int opset, IReadOnlyDictionary<string, int> imports)
{
    /// <summary>Why nodes cannot be written.</summary>
    public List<OpsetProblem> Problems { get; } = [];

    /// <summary>Nodes of ops that are no operators of any domain (fusions, changes of layout).</summary>
    public List<Node> Formless { get; } = [];

    /// <summary>The opset of a domain that is written: nothing of nncc's own.</summary>
    public int Opset(string domain) => domain.Length == 0 ? opset : domain == OpResolver.InternalDomain ? 0
        : imports.TryGetValue(domain, out int version) ? version : registry.NewestOf(domain) ?? 1;

    /// <summary>
    /// Undoes all changes of versions above the target, newest first. A change may rename the form; the changes of the other name
    /// that are older than the renaming follow. False, with a problem, where a change cannot be undone.
    /// </summary>
    public bool Lower(OpForm form, OpDefinition definition, Node node)
    {
        int target = Opset(definition.Domain), below = int.MaxValue;
        for (int i = definition.Changes.Length - 1; i >= 0; i--)
        {
            var change = definition.Changes[i];
            if (change.Version <= target) break;
            if (change.Version >= below) continue;
            string? reason = change.Down is null ? $"{definition.FullName} of before opset {change.Version} cannot say it"
                : change.Down(form);
            if (reason is not null)
            {
                Problems.Add(new OpsetProblem(node.Place, reason, definition.Domain.Length == 0 ? change.Version : null));
                return false;
            }
            if (form.Name == definition.Name && form.Domain == definition.Domain) continue;
            below = form.Domain == definition.Domain ? change.Version : int.MaxValue;
            definition = registry.Find(form.Domain, form.Name) ?? throw new InvalidOperationException(
                $"{definition.FullName} becomes {form.Name} below opset {change.Version}, which is not registered");
            target = Opset(definition.Domain);
            i = definition.Changes.Length;
        }
        return true;
    }

    /// <summary>Whether ONNX's schema of the written opset takes a node: it exists there, and takes the types of its operands and
    /// results.</summary>
    public bool Fits(LoweredNode node, Func<int, IrType?> type, string place) => Problem(node, type) is not var (reason, needed)
        || Refuse(place, reason, needed);

    /// <summary>The same for a node of the graph.</summary>
    public bool Fits(LoweredNode lowered, Func<int, IrType?> type, Node node) => Problem(lowered, type) is not var (reason, needed)
        || Refuse(node.Place, reason, needed);

    private bool Refuse(string place, string reason, int? needed)
    {
        Problems.Add(new OpsetProblem(place, reason, needed));
        return false;
    }

    private (string Reason, int? Needed)? Problem(LoweredNode node, Func<int, IrType?> type)
    {
        var versions = OpSchemas.Versions(node.Domain, node.Name);
        if (versions.IsEmpty || !OpSchemas.IsComplete(node.Domain, Opset(node.Domain))) return null;
        if (OpSchemas.Find(node.Domain, node.Name, Opset(node.Domain)) is not { } schema)
            return ($"{node.Name} exists from opset {versions[0].Since} on", node.Domain.Length == 0 ? versions[0].Since : null);
        for (int i = 0; i < node.Inputs.Count + node.Outputs.Count; i++)
        {
            bool isInput = i < node.Inputs.Count;
            int slot = isInput ? i : i - node.Inputs.Count, value = isInput ? node.Inputs[slot] : node.Outputs[slot];
            if (type(value) is not { } given || Operand(schema)?.Types.Takes(given) != false) continue;
            // What no later opset takes either is not for the choice of an opset to judge.
            if (versions.FirstOrDefault(v => v.Since > schema.Since && Operand(v)?.Types.Takes(given) == true) is not { } later) continue;
            return ($"{node.Name} {(isInput ? "takes" : "gives")} {given} as {Operand(schema)!.Name} from opset {later.Since} on",
                node.Domain.Length == 0 ? later.Since : null);

            SchemaOperand? Operand(OpSchema of) => isInput ? of.Input(slot) : of.Output(slot);
        }
        return null;
    }

    /// <summary>Whether a node that nncc does not know means the same at the written opset as at the one it was read from.</summary>
    public bool Keeps(Ops.Opaque op, string place)
    {
        if (op.Domain.Length > 0 || !imports.TryGetValue("", out int read)) return true;
        if (OpSchemas.Find("", op.Name, read)?.Since == OpSchemas.Find("", op.Name, opset)?.Since) return true;
        Problems.Add(new OpsetProblem(place,
            $"nncc does not know {op.Name} and so keeps its form of opset {read}, which opset {opset} has changed",
            opset < read ? OpSchemas.Find("", op.Name, read)?.Since : null));
        return false;
    }
}
