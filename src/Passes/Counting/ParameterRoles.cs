using Nncc.IR;
using Nncc.IR.Ops;

namespace Nncc.Passes.Counting;

/// <summary>What constants are for, from the operand places that they get to: directly, or through ops that only move elements.</summary>
internal static class ParameterRoles
{
    /// <summary>What an operand place makes of a constant. Where several meet, the first counts.</summary>
    private enum Role
    {
        None,
        /// <summary>Shapes, indices and the like, whatever the constant looks like.</summary>
        Structure,
        /// <summary>A parameter if the constant is of floats and more than a number.</summary>
        Factor,
        /// <summary>As a factor; a bias where it has one axis.</summary>
        Addend,
        Statistic,
        Bias,
        Weight,
    }

    /// <summary>The constants of a graph and its bodies, each once, in the order of the graph.</summary>
    public static ParameterCount Count(Graph graph)
    {
        var tensors = new List<ParameterTensor>();
        Walk(graph, tensors);
        return new ParameterCount([.. tensors]);
    }

    /// <summary>By value: what the constants of a graph are for, those of bodies left out; null for what is no constant.</summary>
    public static ParameterKind?[] Kinds(Graph graph)
    {
        var roles = Walk(graph, []);
        var kinds = new ParameterKind?[graph.NextValue];
        foreach (var node in graph.Nodes)
            if (node.Op is Constant constant && node.Outputs[0] is var value and not Node.Absent)
                kinds[value] = KindOf(roles[value], constant.Value);
        return kinds;
    }

    // Roles by value. Bodies lie in bodies as deep as Graph.NestingLimit, operands are walked in order.
    private static Role[] Walk(Graph graph, List<ParameterTensor> tensors)
    {
        var roles = new Role[graph.NextValue];
        var uses = new int[graph.NextValue];
        var found = new List<ParameterTensor>();
        for (int i = graph.Nodes.Length - 1; i >= 0; i--)
        {
            var node = graph.Nodes[i];
            if (node.Op is Constant constant)
            {
                int value = node.Outputs[0];
                if (value != Node.Absent)
                    found.Add(new ParameterTensor(graph[value].Name, constant.Value, KindOf(roles[value], constant.Value), uses[value]));
                continue;
            }
            found.AddRange(AttributeParameters.Tensors(node));
            var captured = node.Op.Bodies.Select(body => Walk(body, found) is var inner
                ? body.Inputs.Select(input => inner[input.Value]).ToArray() : []).ToList();
            for (int slot = 0; slot < node.Inputs.Length; slot++)
            {
                int value = node.Inputs[slot];
                if (value == Node.Absent) continue;
                uses[value]++;
                var role = RoleOf(node, slot, roles, captured);
                if (role > roles[value]) roles[value] = role;
            }
        }
        found.Reverse();
        tensors.AddRange(found);
        return roles;
    }

    private static Role RoleOf(Node node, int slot, Role[] roles, List<Role[]> bodies)
    {
        int fromEnd = node.Inputs.Length - slot;
        if (fromEnd <= node.Op.CaptureCount && bodies.Count > 0) return bodies.Max(inputs => inputs[^fromEnd]);
        return PlaceRole(node, slot) ?? Through(node, roles);
    }

    // Null where elements only move on to the results.
    private static Role? PlaceRole(Node node, int slot) => (node.Op.Name, slot) switch
    {
        ("Conv" or "ConvTranspose" or "Gemm" or "ConvInteger" or "DeformConv", 1) => Role.Weight,
        ("Conv" or "ConvTranspose" or "Gemm", 2) or ("DeformConv", 3) => Role.Bias,
        ("MatMul" or "Einsum", _) or ("MatMulInteger", 0 or 1) or ("QLinearConv" or "QLinearMatMul", 3) => Role.Weight,
        ("QLinearConv", 8) => Role.Bias,
        ("LSTM" or "GRU" or "RNN", 1 or 2) or ("LSTM", 7) => Role.Weight,
        ("LSTM" or "GRU" or "RNN", 3) => Role.Bias,
        ("BatchNormalization" or "InstanceNormalization" or "GroupNormalization" or "LayerNormalization" or "RMSNormalization", 1)
            => Role.Weight,
        ("BatchNormalization" or "InstanceNormalization" or "GroupNormalization" or "LayerNormalization", 2) => Role.Bias,
        ("BatchNormalization", 3 or 4) => Role.Statistic,
        ("PRelu", 1) => Role.Weight,
        ("Add" or "Sub" or "Sum", _) => Role.Addend,
        ("Mul" or "Div" or "Concat", _) or ("Gather", 0) => Role.Factor,
        ("Reshape" or "Transpose" or "Cast" or "CastLike" or "Identity" or "Unsqueeze" or "Squeeze" or "Flatten" or "Expand" or "Tile"
            or "Slice" or "Split" or "Dropout" or "DepthToSpace" or "SpaceToDepth" or "Pad" or "QuantizeLinear" or "DequantizeLinear"
            or "Relayout", 0) => null,
        _ when node.Op is Opaque => Role.Factor,
        _ => Role.Structure,
    };

    private static Role Through(Node node, Role[] roles) => node.GivenOutputs.Select(o => roles[o]).DefaultIfEmpty(Role.None).Max();

    private static ParameterKind KindOf(Role role, Tensor tensor)
    {
        bool isNumbers = tensor.Count > 1 && (tensor.DType.IsFloat() || (tensor.DType.IsInteger() && tensor.DType.Bits() <= 8));
        return role switch
        {
            Role.Weight => ParameterKind.Weight,
            Role.Bias => ParameterKind.Bias,
            Role.Statistic => ParameterKind.Statistic,
            Role.Factor when isNumbers => ParameterKind.Weight,
            Role.Addend when isNumbers => tensor.Dims.Count(size => size > 1) <= 1 ? ParameterKind.Bias : ParameterKind.Weight,
            _ => ParameterKind.Other,
        };
    }
}
