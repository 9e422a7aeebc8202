using System.Collections.Immutable;

namespace Nncc.Passes.Rules;

/// <summary>The value of a term where names are bound; ops in it become planned nodes. A <see cref="Failure"/> says why there is
/// none.</summary>
/// <param name="match">The bindings.</param>
internal sealed class TermEvaluation(RuleMatch match)
{
    private readonly RewritePlan plan = match.Plan;

    /// <summary>Null where a condition holds, else why not.</summary>
    public Failure? Check(Term condition) => Evaluate(condition) switch
    {
        true => null,
        Failure failure => new Failure(() => $"{condition}: {failure.Reason}"),
        _ => new Failure(() => $"{condition} does not hold{Actual(condition)}"),
    };

    /// <summary>The value of a term.</summary>
    public object? Evaluate(Term term) => term switch
    {
        NameTerm name => Named(name.Name),
        NumberTerm number => number.IsInteger ? Dim.Of((long)number.Value) : number.Value,
        TextTerm text => text.Text,
        ListTerm list => Items(list.Items) is { } items ? items : failure,
        OpTerm op => Apply(op),
        CallTerm call => Call(call),
        _ => throw new InvalidOperationException($"{term} has no value"),
    };

    private Failure? failure;

    private object? Named(string name)
    {
        if (match.TryFind(name, out object? value)) return value;
        foreach (var let in match.Rule.Lets)
        {
            if (let.Name != name) continue;
            value = Evaluate(let.Value);
            match.Set(name, value);
            return value;
        }
        throw new InvalidOperationException($"{name} is not bound");
    }

    // The values of terms, rests spread out; null with the failure kept where one has none.
    private ImmutableArray<object?>? Items(ImmutableArray<Term> terms)
    {
        var items = ImmutableArray.CreateBuilder<object?>(terms.Length);
        foreach (var term in terms)
        {
            object? value = Evaluate(term);
            if (value is Failure f)
            {
                failure = f;
                return null;
            }
            if (term is NameTerm { IsRest: true }) items.AddRange((ImmutableArray<object?>)value!);
            else items.Add(value);
        }
        return items.ToImmutable();
    }

    private object? Apply(OpTerm term)
    {
        var definition = plan.Ops.Find(term.Domain, term.Name)!;
        if (Items(term.Operands) is not { } values) return failure;
        var attributes = new List<KeyValuePair<string, object?>>();
        foreach (var attribute in term.Attributes)
        {
            object? value = Evaluate(attribute.Value);
            if (value is Failure) return value;
            attributes.Add(new(attribute.Name, value));
        }
        if (term.Others is { } others && Named(others) is AttributeRest rest)
        {
            if (rest.For(definition, term.Attributes, out var missing) is not { } more) return missing;
            attributes.AddRange(more);
        }
        object created = plan.Create(definition, attributes);
        if (created is not Op op) return created;
        int count = values.Length;
        while (count > 0 && values[count - 1] is null) count--;
        if (Operands(values[..count]) is not { } operands) return failure;
        int results = Math.Max(1, term.Results.Length);
        return plan.Apply(op, operands, results);
    }

    // Numbers become scalars of the element type beside them, lists become int64 vectors.
    private ImmutableArray<Operand?>? Operands(ImmutableArray<object?> values)
    {
        var dtype = values.OfType<Operand>().FirstOrDefault()?.DType ?? DType.Float32;
        var operands = ImmutableArray.CreateBuilder<Operand?>(values.Length);
        foreach (object? value in values)
        {
            if (value is null or Operand) operands.Add((Operand?)value);
            else if (ToConstant(value, dtype) is { } constant) operands.Add(constant);
            else
            {
                failure = NoConstant(value);
                return null;
            }
        }
        return operands.MoveToImmutable();
    }

    private static Failure NoConstant(object value) => new(() => $"{RuleValues.Show(value)} is no constant");

    private static Operand? ToConstant(object value, DType dtype) => value switch
    {
        ImmutableArray<object?> list => RuleValues.Integers(list) is { } dims && dims.All(d => d.IsConstant)
            ? RewritePlan.Constant(Tensor.Vector([.. dims.Select(d => d.Value!.Value)])) : null,
        Tensor tensor => RewritePlan.Constant(tensor),
        _ => RuleValues.Number(value) is { } number ? RewritePlan.Constant(Tensor.FromDoubles(dtype, [], [number])) : null,
    };

    private object? Call(CallTerm call)
    {
        switch (call.Function)
        {
            case "??":
                object? first = Evaluate(call.Arguments[0]);
                return first ?? Evaluate(call.Arguments[1]);
            case "if":
                return Evaluate(call.Arguments[0]) switch
                {
                    true => Evaluate(call.Arguments[1]),
                    false => Evaluate(call.Arguments[2]),
                    var other => other,
                };
            case "not":
                return Evaluate(call.Arguments[0]) switch
                {
                    bool truth => !truth,
                    Failure { IsFalse: true } => true,
                    var unknown => unknown,
                };
            case "any": return call.Arguments.Any(a => Evaluate(a) is true);
            case "all":
                foreach (var argument in call.Arguments)
                    if (Evaluate(argument) is not true and var other) return other;
                return true;
        }
        if (Items(call.Arguments) is not { } arguments) return failure;
        if (call.IsOperator) return Operate(call.Function, arguments);
        return match.Functions.Find(call.Function)!.Call(arguments, plan);
    }

    private object? Operate(string symbol, ImmutableArray<object?> values)
    {
        if (symbol is "==" or "!=" or "<" or "<=" or ">" or ">=") return RuleArithmetic.Compare(symbol, values[0], values[1]);
        bool isGraph = values.Any(v => v is Operand);
        if (!isGraph) return RuleArithmetic.Compute(symbol, values);
        if (Operands(values) is not { } operands) return failure;
        Op op = symbol switch
        {
            "+" => new IR.Ops.Add(), "*" => new IR.Ops.Mul(), "/" => new IR.Ops.Div(),
            _ => operands.Length == 1 ? new IR.Ops.Neg() : new IR.Ops.Sub(),
        };
        return plan.Apply(op, operands, 1);
    }

    // What the sides of a comparison, or the arguments of a function, really are.
    private string Actual(Term condition)
    {
        if (condition is not CallTerm call) return "";
        var shown = call.Arguments.Where(a => a is not (NumberTerm or TextTerm or ListTerm)).Select(a =>
            $"{a} is {RuleValues.Show(Shown(a))}");
        return $": {string.Join(", ", shown)}";
    }

    private object? Shown(Term term) => Evaluate(term) is Failure f ? f.Reason : Evaluate(term) is Failure ? null : Evaluate(term);
}
