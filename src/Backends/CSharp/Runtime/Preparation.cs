using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Nncc.Backends.CSharp.Runtime;

/// <summary>Does at load what would otherwise make the first run slow.</summary>
internal static unsafe class Preparation
{
    private const DynamicallyAccessedMemberTypes Methods =
        DynamicallyAccessedMemberTypes.PublicMethods | DynamicallyAccessedMemberTypes.NonPublicMethods;

    // A page of the smallest size that processors have.
    private const int Page = 4096;

    /// <summary>Compiles the methods of a class that are not compiled yet.</summary>
    public static void Compile([DynamicallyAccessedMembers(Methods)] Type type)
    {
        const BindingFlags own = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic
            | BindingFlags.DeclaredOnly;
        foreach (var method in type.GetMethods(own))
            if (!method.ContainsGenericParameters) RuntimeHelpers.PrepareMethod(method.MethodHandle);
    }

    /// <summary>Reads a byte of each page, so that all of them are in memory.</summary>
    public static void Touch(byte* data, long bytes)
    {
        for (long at = 0; at < bytes; at += Page) Volatile.Read(ref data[at]);
    }
}
