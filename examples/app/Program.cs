// Compiles and runs a model without the command line: app MODEL.onnx [OUTPUT-FOLDER]
using Nncc.Backends;
using Nncc.Backends.Engines;
using Nncc.Backends.Models;
using Nncc.IR;

if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("app MODEL.onnx [OUTPUT-FOLDER]");
    return 1;
}
try
{
    var compiler = new Compiler(new CompilerOptions { Target = "host", Notify = notice => Console.Error.WriteLine(notice) });
    var model = compiler.Read(args[0]);

    // The model as a C# project.
    if (args.Length == 2)
        foreach (var file in compiler.WriteCSharp(model, args[1])) Console.WriteLine($"{file.Path}: {file.Bytes} bytes");

    // The same code in this process, on made-up inputs.
    var inputs = TestDataSet.Random(model.Graph, seed: 1).Inputs;
    using var runner = compiler.Host(Engine.CSharp, model);
    var outputs = runner.Run(inputs);
    for (int i = 0; i < outputs.Length; i++)
        Console.WriteLine($"{model.Graph.Outputs[i].Name}: {outputs[i].Type}, greatest value {((Tensor)outputs[i]).ToDoubles().Max():G6}");
    return 0;
}
catch (NnccException e)
{
    // Each fault has a number, a message, the node and advice.
    foreach (var fault in e.Faults) Console.Error.WriteLine(fault);
    return 2;
}
