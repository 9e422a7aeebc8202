namespace Nncc.IR.Ops;

/// <summary>
/// Keys and values behind those of a cache: of a cache that ends where they begin, or of one that has room for them and for more
/// (a shared buffer), which then stays as long as it is.
/// </summary>
/// <param name="Keys">All keys that are met.</param>
/// <param name="Values">Their values.</param>
/// <param name="Before">How many of them stood in the cache.</param>
/// <param name="PresentKeys">The cache of keys with the new ones.</param>
/// <param name="PresentValues">The cache of values with the new ones.</param>
internal sealed record KeyCache(Heads Keys, Heads Values, int Before, Heads PresentKeys, Heads PresentValues)
{
    /// <summary>New keys and values alone, or behind a cache.</summary>
    /// <param name="keys">New keys.</param>
    /// <param name="values">New values.</param>
    /// <param name="pastKeys">The cache of keys; null for none.</param>
    /// <param name="pastValues">The cache of values; null for none.</param>
    /// <param name="used">How many places of a shared buffer are in use; null where the cache is full.</param>
    public static KeyCache Of(Heads keys, Heads values, Heads? pastKeys, Heads? pastValues, long? used)
    {
        if (pastKeys is null || pastValues is null) return new(keys, values, 0, keys, values);
        if (used is not { } count)
        {
            Heads all = keys.After(pastKeys), allValues = values.After(pastValues);
            return new(all, allValues, pastKeys.Length, all, allValues);
        }
        if (count < 0 || count + keys.Length > Math.Min(pastKeys.Length, pastValues.Length))
            throw EvaluateContext.Fault(FaultCodes.Data,
                $"{count} places of a cache of {pastKeys.Length} are in use, and {keys.Length} more come");
        Heads met = keys.After(pastKeys.First((int)count)), metValues = values.After(pastValues.First((int)count));
        return new(met, metValues, (int)count, keys.Within(pastKeys, (int)count), values.Within(pastValues, (int)count));
    }
}
