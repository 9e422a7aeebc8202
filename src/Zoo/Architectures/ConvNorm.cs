using Nncc.IR.Ops;

namespace Nncc.Zoo.Architectures;

/// <summary>What follows a batch norm.</summary>
internal enum Activation
{
    None,
    Relu,
    Relu6,
    HardSwish,
    Silu,
}

/// <summary>The blocks of which the mobile families are made: a convolution with norm and activation, and squeeze and excitation.</summary>
internal static class ConvNorm
{
    /// <summary>A convolution that keeps the size at stride 1, a batch norm and an activation, named name.0, name.1, name.2.</summary>
    public static int Add(NetworkBuilder b, string name, int x, int filters, int kernel, int stride = 1, int groups = 1,
        Activation activation = Activation.Relu, float epsilon = 1e-5f)
    {
        int y = b.Conv($"{name}.0", x, filters, kernel, stride, pad: kernel / 2, groups: groups);
        return Activate(b, $"{name}.2", b.BatchNorm($"{name}.1", y, epsilon), activation);
    }

    /// <summary>An activation; SiLU in the two ops that PyTorch exports.</summary>
    public static int Activate(NetworkBuilder b, string name, int x, Activation activation) => activation switch
    {
        Activation.Relu => b.Relu(name, x),
        Activation.Relu6 => b.Relu6(name, x),
        Activation.HardSwish => b.Add(name, new HardSwish(), x),
        Activation.Silu => b.Add(name, new Mul(), x, b.Add($"{name}.sigmoid", new Sigmoid(), x)),
        _ => x,
    };

    /// <summary>
    /// Squeeze and excitation (Hu et al. 2018): each channel times a factor that two 1x1 convolutions make of the means of all channels.
    /// </summary>
    public static int SqueezeExcite(NetworkBuilder b, string name, int x, int squeezed, Activation inner, Op gate)
    {
        int channels = (int)b.Shape(x)[1];
        int y = b.Add($"{name}.avgpool", new GlobalAveragePool(), x);
        y = Activate(b, $"{name}.activation", b.Conv($"{name}.fc1", y, squeezed, 1, bias: true), inner);
        y = b.Add($"{name}.scale_activation", gate, b.Conv($"{name}.fc2", y, channels, 1, bias: true));
        return b.Add($"{name}.mul", new Mul(), x, y);
    }
}
