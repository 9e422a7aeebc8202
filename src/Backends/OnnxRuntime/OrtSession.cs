using System.Collections.Immutable;
using Nncc.IR;

namespace Nncc.Backends.OnnxRuntime;

/// <summary>An input, output or overridable initializer of a model as ONNX Runtime describes it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type; sizes are named as by the ONNX reader.</param>
public sealed record OrtValueInfo(string Name, IrType Type);

/// <summary>
/// A model that ONNX Runtime has loaded, ready to run. Runs from several threads at a time are allowed. Execution is on the
/// processor (the CPU provider).
/// </summary>
public sealed unsafe class OrtSession : IDisposable
{
    private readonly OrtHandle handle;
    private readonly string logId;
    private readonly OrtLog log;
    private readonly string place;

    private OrtSession(OrtLibrary library, OrtSessionOptions options, string place, Func<nint, (nint Status, nint Session)> create)
    {
        (Library, this.place) = (library, place);
        (logId, log) = library.OpenLog();
        try
        {
            using var native = options.Create(library, logId);
            var (status, session) = create(native.Pointer);
            library.Api.Check(status, FaultCodes.OrtModel, place);
            handle = new OrtHandle(library.Api, OrtClass.Session, session);
            Inputs = List(OrtPort.Input);
            Outputs = List(OrtPort.Output);
            OverridableInitializers = List(OrtPort.OverridableInitializer);
        }
        catch
        {
            handle?.Dispose();
            library.CloseLog(logId);
            throw;
        }
    }

    /// <summary>The library that runs it.</summary>
    public OrtLibrary Library { get; }

    /// <summary>What must be given.</summary>
    public ImmutableArray<OrtValueInfo> Inputs { get; }

    /// <summary>What it computes, in the model's order.</summary>
    public ImmutableArray<OrtValueInfo> Outputs { get; }

    /// <summary>Inputs that have a default content.</summary>
    public ImmutableArray<OrtValueInfo> OverridableInitializers { get; }

    /// <summary>What ONNX Runtime said about the model so far.</summary>
    public ImmutableArray<OrtLogMessage> Messages => log.Messages;

    /// <summary>Loads a model file; external data is looked for beside it.</summary>
    /// <exception cref="NnccException">
    /// ONNX Runtime refuses the model (NNC6003), lacks an op (NNC6004) or refuses an option (NNC6007); an added output is no value of the
    /// model (NNC6008).
    /// </exception>
    public static OrtSession Open(OrtLibrary library, string path, OrtSessionOptions? options = null)
    {
        options ??= new();
        if (!options.AddedOutputs.IsEmpty) return OpenExtended(library, path, options);
        return new OrtSession(library, options, $"\"{path}\"", native =>
        {
            nint session = 0;
            fixed (byte* p = OrtLibrary.PathBytes(Path.GetFullPath(path)))
                return (library.Api.CreateSession(library.Environment, p, native, &session), session);
        });
    }

    /// <summary>Loads a model from the bytes of a file; they are not needed afterwards.</summary>
    /// <exception cref="NnccException">As the other.</exception>
    public static OrtSession Open(OrtLibrary library, ReadOnlyMemory<byte> model, OrtSessionOptions? options = null) =>
        OpenBytes(library, model, options ?? new(), $"a model of {model.Length} bytes");

    private static OrtSession OpenExtended(OrtLibrary library, string path, OrtSessionOptions options)
    {
        byte[] model;
        try
        {
            model = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NnccException(FaultCodes.OrtModel, e.Message, $"\"{path}\"");
        }
        // A model from memory has no folder of its own to find its external data in.
        const string folderKey = "session.model_external_initializers_file_folder_path";
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        return OpenBytes(library, model, options with { Config = options.Config.SetItem(folderKey, folder) }, $"\"{path}\"");
    }

    private static OrtSession OpenBytes(OrtLibrary library, ReadOnlyMemory<byte> model, OrtSessionOptions options, string place)
    {
        if (!options.AddedOutputs.IsEmpty) model = AddedOutputs.Append(model.Span, options.AddedOutputs, place);
        return new OrtSession(library, options, place, native =>
        {
            nint session = 0;
            fixed (byte* p = model.Span)
                return (library.Api.CreateSessionFromArray(library.Environment, p, (nuint)model.Length, native, &session), session);
        });
    }

    /// <summary>Computes outputs for given inputs.</summary>
    /// <param name="inputs">Contents by the name of an input or overridable initializer.</param>
    /// <param name="outputs">Which outputs, in which order; null for all.</param>
    /// <param name="cancellation">Ends a long run.</param>
    /// <returns>The outputs in the order asked for.</returns>
    /// <exception cref="NnccException">A name or a content does not fit (NNC6006), or the run fails (NNC6005).</exception>
    public ImmutableArray<Datum> Run(IReadOnlyDictionary<string, Datum> inputs, IReadOnlyList<string>? outputs = null,
        CancellationToken cancellation = default)
    {
        var values = new List<(string Name, OrtValue Value)>();
        try
        {
            foreach (var (name, datum) in inputs) values.Add((name, OrtValue.From(Library, datum)));
            using var run = Prepare(values, [.. (outputs ?? [.. Outputs.Select(o => o.Name)]).Select(name => (name, (OrtValue?)null))]);
            run.Execute(cancellation);
            return [.. run.Names.Select((name, i) => run.Output(i).ToDatum(Outputs.First(o => o.Name == name).Type))];
        }
        finally
        {
            foreach (var (_, value) in values) value.Dispose();
        }
    }

    /// <summary>Computes all outputs; the contents stand in the order of <see cref="Inputs"/>.</summary>
    /// <exception cref="NnccException">As the other.</exception>
    public ImmutableArray<Datum> Run(ImmutableArray<Datum> inputs, CancellationToken cancellation = default)
    {
        if (inputs.Length != Inputs.Length)
            throw new NnccException(FaultCodes.OrtData, $"the model has {Inputs.Length} inputs, got {inputs.Length}", place);
        return Run(Inputs.Zip(inputs).ToDictionary(p => p.First.Name, p => p.Second), null, cancellation);
    }

    /// <summary>Prepares a run that can be executed many times without allocating anything here.</summary>
    /// <param name="inputs">Values by the name of an input or overridable initializer; the caller keeps them.</param>
    /// <param name="outputs">Names with the value to write to, or null where ONNX Runtime shall make one in each execution.</param>
    /// <exception cref="NnccException">A name is not there or an input is missing (NNC6006).</exception>
    public OrtRun Prepare(IReadOnlyList<(string Name, OrtValue Value)> inputs, IReadOnlyList<(string Name, OrtValue? Value)> outputs)
    {
        var faults = ImmutableArray.CreateBuilder<Fault>();
        foreach (var (name, _) in inputs.Where(i => Inputs.Concat(OverridableInitializers).All(known => known.Name != i.Name)))
            faults.Add(new Fault(FaultCodes.OrtData, $"the model has no input \"{name}\"", place, $"it has {Names(Inputs)}"));
        foreach (var missing in Inputs.Where(known => inputs.All(i => i.Name != known.Name)))
            faults.Add(new Fault(FaultCodes.OrtData, $"input \"{missing.Name}\" ({missing.Type}) is not given", place));
        foreach (var (name, _) in outputs.Where(o => Outputs.All(known => known.Name != o.Name)))
            faults.Add(new Fault(FaultCodes.OrtData, $"the model has no output \"{name}\"", place, $"it has {Names(Outputs)}"));
        if (faults.Count > 0) throw new NnccException(faults.ToImmutable());
        return new OrtRun(Library, handle, place, inputs, outputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        handle.Dispose();
        Library.CloseLog(logId);
    }

    private static string Names(IEnumerable<OrtValueInfo> values) => string.Join(", ", values.Select(v => $"\"{v.Name}\""));

    private ImmutableArray<OrtValueInfo> List(OrtPort port)
    {
        var api = Library.Api;
        nuint count;
        api.Check(api.SessionGetCount(port)(handle.Pointer, &count), FaultCodes.OrtModel, place);
        var result = ImmutableArray.CreateBuilder<OrtValueInfo>((int)count);
        for (nuint i = 0; i < count; i++)
        {
            byte* text;
            api.Check(api.SessionGetName(port)(handle.Pointer, i, Library.Allocator, &text), FaultCodes.OrtModel, place);
            string name = Library.TakeString(text);
            nint info;
            api.Check(api.SessionGetTypeInfo(port)(handle.Pointer, i, &info), FaultCodes.OrtModel, place);
            using var owned = new OrtHandle(api, OrtClass.TypeInfo, info);
            result.Add(new OrtValueInfo(name, OrtTypes.Read(api, info, name)));
        }
        return result.MoveToImmutable();
    }
}
