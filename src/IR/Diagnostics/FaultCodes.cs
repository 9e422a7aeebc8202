using System.Collections.Immutable;
using System.Reflection;

namespace Nncc.IR;

/// <summary>
/// The table of all fault numbers: 1xxx types and attributes of ops, 2xxx reading and writing models, 3xxx graphs, passes and
/// rules, 4xxx evaluation and data, 5xxx backends and targets, 6xxx ONNX Runtime, 7xxx command line and files.
/// </summary>
public static partial class FaultCodes
{
    /// <summary>Operands have types that the op does not take.</summary>
    public static readonly FaultCode OperandType = new(1001, "operand types do not fit the op", ExitCode.BadModel);

    /// <summary>Operands have shapes that contradict each other or the op.</summary>
    public static readonly FaultCode OperandShape = new(1002, "operand shapes do not fit the op", ExitCode.BadModel);

    /// <summary>An op has too few, too many or missing operands or results.</summary>
    public static readonly FaultCode OperandCount = new(1003, "wrong number of operands", ExitCode.BadModel);

    /// <summary>An attribute has a wrong type or value, is missing, or is not one of the op's.</summary>
    public static readonly FaultCode Attribute = new(1004, "wrong attribute", ExitCode.BadModel);

    /// <summary>A product of sizes is beyond 64 bits.</summary>
    public static readonly FaultCode SizeOverflow = new(1005, "sizes overflow", ExitCode.BadModel);

    /// <summary>The op has no meaning here for these operands.</summary>
    public static readonly FaultCode NotSupported = new(1006, "not supported for these operands", ExitCode.Unsupported);

    /// <summary>An edit would give a value a type that contradicts its uses.</summary>
    public static readonly FaultCode TypeChange = new(3001, "a rewrite would change a type", ExitCode.BadModel);

    /// <summary>The graph contains a cycle.</summary>
    public static readonly FaultCode Cycle = new(3002, "the graph has a cycle", ExitCode.BadModel);

    /// <summary>Evaluation met data for which the op has no result, such as an index out of range.</summary>
    public static readonly FaultCode Data = new(4001, "data outside the op's domain", ExitCode.BadModel);

    /// <summary>A value is needed that was not given, or has another type than the graph's input.</summary>
    public static readonly FaultCode InputData = new(4002, "wrong input data", ExitCode.BadModel);

    /// <summary>The evaluator has no meaning for an op of an unknown domain.</summary>
    public static readonly FaultCode OpaqueOp = new(4003, "an op of an unknown domain cannot be computed", ExitCode.Unsupported);

    /// <summary>The elements of a constant are needed and are not at hand.</summary>
    public static readonly FaultCode NoContent = new(4004, "the content of a constant is not at hand", ExitCode.BadModel);

    /// <summary>All codes by number.</summary>
    public static ImmutableArray<FaultCode> All =>
        [.. typeof(FaultCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.GetValue(null)).OfType<FaultCode>()
            .OrderBy(code => code.Number)];
}
