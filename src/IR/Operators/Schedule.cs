namespace Nncc.IR;

/// <summary>
/// How a kernel computes its workload: a template and its parameters, in the template's order. No schedule changes a result beyond
/// rounding.
/// </summary>
/// <param name="Template">Id of the kernel template.</param>
/// <param name="Parameters">Named integers.</param>
public sealed record Schedule(string Template, EquatableArray<ScheduleParameter> Parameters)
{
    /// <summary>The value of a parameter; the template that made the schedule knows its names.</summary>
    public int this[string name] => Parameters.First(p => p.Name == name).Value;

    /// <summary>Text such as <c>matmul(mr=12,nr=2)</c>, which <see cref="Parse"/> reads back.</summary>
    public override string ToString() => $"{Template}({string.Join(",", Parameters.Select(p => $"{p.Name}={p.Value}"))})";

    /// <summary>Reads the text of a schedule; <see cref="FormatException"/> if it is none.</summary>
    public static Schedule Parse(string text)
    {
        int open = text.IndexOf('(');
        if (open <= 0 || !text.EndsWith(')')) throw new FormatException($"'{text}' is no schedule: template(name=number,...)");
        var parameters = text[(open + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair =>
            pair.Split('=') is [var name, var number] && int.TryParse(number, out int value) ? new ScheduleParameter(name.Trim(), value)
                : throw new FormatException($"'{pair}' is no parameter of a schedule: name=number"));
        return new Schedule(text[..open], parameters.ToEquatable());
    }
}

/// <summary>A parameter of a schedule.</summary>
/// <param name="Name">Name.</param>
/// <param name="Value">Value.</param>
public sealed record ScheduleParameter(string Name, int Value);
