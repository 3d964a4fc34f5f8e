"""Writes the small goldens in ../resources/goldens: PyTorch's answers to random cases.

    pip install torch safetensors
    python make_goldens.py [--cases 4] [--seed 1] [--out DIR]

Inputs are float32; outputs and gradients are computed in float64 and stored as float32. Each file
holds arrays "000.x", "000.y", ... and, as JSON in its metadata, the settings of each case.
"""
import argparse
import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

parser = argparse.ArgumentParser()
parser.add_argument("--cases", type=int, default=4)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--out", default=str(pathlib.Path(__file__).parent.parent / "resources/goldens"))
args = parser.parse_args()
torch.manual_seed(args.seed)
torch.set_default_dtype(torch.float64)


def draw(low, high):
    return int(torch.randint(low, high + 1, ()))


def choose(*options):
    return options[draw(0, len(options) - 1)]


def randn(*shape):
    return torch.randn(*shape).float().double()


def image(channels=None, smallest=1):
    return randn(draw(1, 3), channels or draw(1, 7), draw(smallest, 8), draw(smallest, 8))


def write(name, cases, metadata=None):
    tensors = {}
    settings = []
    for i, (arrays, setting) in enumerate(cases):
        settings.append(setting)
        for key, value in arrays.items():
            tensors[f"{i:03d}.{key}"] = value.detach().float().contiguous()
    save_file(tensors, f"{args.out}/{name}.safetensors", {"cases": json.dumps(settings)})


def operation(name, make):
    """make() returns the inputs by name, the function of them, and the settings."""
    cases = []
    for _ in range(args.cases):
        inputs, function, settings = make()
        leaves = {k: v.clone().requires_grad_() for k, v in inputs.items() if k != "t"}
        y = function(**leaves, **({"t": inputs["t"]} if "t" in inputs else {}))
        dy = randn(*y.shape) if y.dim() else randn(1)
        y.backward(dy if y.dim() else dy[0])
        arrays = dict(inputs, y=y if y.dim() else y.reshape(1), dy=dy)
        arrays.update({"d_" + k: v.grad for k, v in leaves.items()})
        cases.append((arrays, settings))
    write(name, cases)


def conv2d():
    groups, bias = choose(1, 1, 2), choose(True, False)
    stride, dilation = [draw(1, 2), draw(1, 3)], [draw(1, 2), draw(1, 2)]
    padding = [draw(0, 2), draw(0, 2)]
    x = image(groups * draw(1, 5), smallest=5)
    w = randn(groups * draw(1, 6), x.shape[1] // groups, draw(1, 3), draw(1, 3))
    inputs = {"x": x, "w": w, **({"b": randn(w.shape[0])} if bias else {})}
    settings = dict(stride=stride, padding=padding, dilation=dilation, groups=groups, bias=bias)
    return inputs, lambda x, w, b=None: F.conv2d(x, w, b, stride, padding, dilation, groups), settings


def conv_transpose2d():
    bias, stride = choose(True, False), [draw(1, 3), draw(1, 2)]
    w = randn(draw(1, 6), draw(1, 6), draw(2, 3), draw(2, 3))
    padding = [draw(0, 1), draw(0, 1)]
    inputs = {"x": image(w.shape[0], 2), "w": w, **({"b": randn(w.shape[1])} if bias else {})}
    settings = dict(stride=stride, padding=padding, bias=bias)
    return inputs, lambda x, w, b=None: F.conv_transpose2d(x, w, b, stride, padding), settings


def pool(function):
    def make():
        kernel, stride = choose([2, 2], [3, 3], [3, 2]), [draw(1, 2), draw(1, 2)]
        padding = choose([0, 0], [1, 1])
        settings = dict(kernel=kernel, stride=stride, padding=padding)
        return {"x": image(smallest=4)}, lambda x: function(x, kernel, stride, padding), settings

    return make


def upsample(mode):
    def make():
        scale = choose([2, 2], [3, 2])
        align = None if mode == "nearest" else False
        return (
            {"x": image()},
            lambda x: F.interpolate(x, scale_factor=scale, mode=mode, align_corners=align),
            dict(scale=scale, align_corners=False),
        )

    return make


def linear():
    n, m = draw(1, 12), draw(1, 12)
    inputs = {"x": randn(draw(1, 5), n), "w": randn(m, n), "b": randn(m)}
    return inputs, lambda x, w, b: F.linear(x, w, b), {}


def concat():
    a = image()
    b = randn(a.shape[0], draw(1, 7), *a.shape[2:])
    return {"a": a, "b": b}, lambda a, b: torch.cat([a, b], 1), {}


def simple(function, settings=None):
    return lambda: ({"x": image()}, function, settings or {})


def group_norm(instance):
    def make():
        groups = draw(1, 3)
        x = image(groups * draw(1, 3), 2)
        c = x.shape[1]
        groups = c if instance else groups
        settings = dict(eps=1e-5) if instance else dict(groups=groups, eps=1e-5)
        function = lambda x, gamma, beta: F.group_norm(x, groups, gamma, beta, 1e-5)
        return {"x": x, "gamma": randn(c), "beta": randn(c)}, function, settings

    return make


def batch_norm():
    cases = []
    for i in range(args.cases):
        train, relu, eps, momentum = i % 2 == 0, i // 2 % 2 == 0, choose(1e-5, 1e-3), choose(0.1, 0.01)
        x = image(smallest=2)
        c = x.shape[1]
        leaves = [x, randn(c), randn(c)]
        mean, var = randn(c), torch.rand(c).float().double() + 0.5
        new_mean, new_var = mean.clone(), var.clone()
        leaves = [v.clone().requires_grad_() for v in leaves]
        y = F.batch_norm(leaves[0], new_mean, new_var, leaves[1], leaves[2], train, momentum, eps)
        y = F.relu(y) if relu else y
        dy = randn(*y.shape)
        y.backward(dy)
        names = ("x", "gamma", "beta")
        arrays = dict(zip(names, leaves), y=y, dy=dy, mean=mean, var=var)
        arrays.update({"d_" + k: v.grad for k, v in zip(names, leaves)})
        arrays.update(new_mean=new_mean, new_var=new_var)
        cases.append((arrays, dict(train=train, relu=relu, momentum=momentum, eps=eps)))
    write("batch_norm", cases)


def dice(p, t, s=1):
    return 1 - (2 * (p * t).sum() + s) / (p.sum() + t.sum() + s)


def jaccard(p, t, s=1):
    both = (p * t).sum()
    return 1 - (both + s) / (p.sum() + t.sum() - both + s)


def tversky(p, t, a=0.3, b=0.7, s=1):
    both = (p * t).sum()
    return 1 - (both + s) / (both + a * (p * (1 - t)).sum() + b * ((1 - p) * t).sum() + s)


def focal(x, t, gamma=2):
    bce = F.binary_cross_entropy_with_logits(x, t, reduction="none")
    return ((1 - torch.exp(-bce)) ** gamma * bce).mean()


bce = F.binary_cross_entropy_with_logits
LOSSES = {
    "dice": lambda x, t: dice(torch.sigmoid(x), t),
    "bce": lambda x, t: bce(x, t),
    "bce_dice": lambda x, t: bce(x, t) + dice(torch.sigmoid(x), t),
    "tversky": lambda x, t: tversky(torch.sigmoid(x), t),
    "focal": focal,
    "jaccard": lambda x, t: jaccard(torch.sigmoid(x), t),
}
LOSS_SETTINGS = dict(smooth=1, alpha=0.3, beta=0.7, gamma=2)


def loss(function):
    def make():
        x = image(1) * 3
        return {"x": x, "t": (torch.rand_like(x) < 0.3).double()}, function, LOSS_SETTINGS

    return make


def cross_entropy():
    x = image(draw(2, 5))
    t = torch.randint(0, x.shape[1], (x.shape[0], 1, *x.shape[2:])).double()
    return {"x": x, "t": t}, lambda x, t: F.cross_entropy(x, t[:, 0].long()), LOSS_SETTINGS


def optimizers():
    optim = torch.optim
    makers = [
        (optim.SGD, dict(lr=0.1), "sgd"),
        (optim.SGD, dict(lr=0.05, momentum=0.9), "sgd"),
        (optim.SGD, dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.001), "sgd"),
        (optim.Adam, dict(lr=0.001), "adam"),
        (optim.Adam, dict(lr=0.01, betas=(0.8, 0.99), eps=1e-6), "adam"),
        (optim.AdamW, dict(lr=0.001, weight_decay=0.05), "adamw"),
    ]
    cases = []
    for maker, settings, name in makers:
        w = randn(draw(1, 30))
        g = randn(5, w.numel())
        parameter = torch.nn.Parameter(w.clone())
        optimizer = maker([parameter], **settings)
        after = []
        for step in range(5):
            parameter.grad = g[step].clone()
            optimizer.step()
            after.append(parameter.detach().clone())
        cases.append((dict(w=w, g=g, w_after=torch.stack(after)), dict(settings, optimizer=name)))
    write("optimizers", cases)


class Block(torch.nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(i, o, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(o)
        self.conv2 = torch.nn.Conv2d(o, o, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(o)

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class UNet(torch.nn.Module):
    def __init__(self, f):
        super().__init__()
        self.enc1, self.enc2, self.mid = Block(3, f), Block(f, 2 * f), Block(2 * f, 4 * f)
        self.up2, self.dec2 = torch.nn.ConvTranspose2d(4 * f, 2 * f, 2, 2), Block(4 * f, 2 * f)
        self.up1, self.dec1 = torch.nn.ConvTranspose2d(2 * f, f, 2, 2), Block(2 * f, f)
        self.head = torch.nn.Conv2d(f, 1, 1)

    def forward(self, x):
        e1 = self.enc1(x)
        e2 = self.enc2(F.max_pool2d(e1, 2))
        d2 = self.dec2(torch.cat([self.up2(self.mid(F.max_pool2d(e2, 2))), e2], 1))
        return self.head(self.dec1(torch.cat([self.up1(d2), e1], 1)))


def unet_ten_steps():
    net = UNet(3).float().double()
    x = torch.rand(10, 2, 3, 16, 16).float().double()
    t = (torch.rand(10, 2, 1, 16, 16) < 0.3).double()
    arrays = {"x": x, "t": t}
    arrays.update({"start." + k: v.clone() for k, v in net.state_dict().items() if v.is_floating_point()})
    optimizer = torch.optim.Adam(net.parameters(), 1e-3)
    losses = []
    for i in range(10):
        logits = net(x[i])
        loss = bce(logits, t[i]) + dice(torch.sigmoid(logits), t[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    arrays.update({"end." + k: v for k, v in net.state_dict().items() if v.is_floating_point()})
    net.eval()
    arrays["y_after"] = net(x[0])
    arrays = {k: v.detach().float().contiguous() for k, v in arrays.items()}
    save_file(arrays, f"{args.out}/unet_ten_steps.safetensors", {"losses": json.dumps(losses)})


operation("conv2d", conv2d)
operation("conv_transpose2d", conv_transpose2d)
operation("max_pool2d", pool(F.max_pool2d))
operation("avg_pool2d", pool(lambda x, k, s, p: F.avg_pool2d(x, k, s, p, count_include_pad=False)))
operation("global_avg_pool", simple(lambda x: F.adaptive_avg_pool2d(x, 1)))
operation("upsample_nearest", upsample("nearest"))
operation("upsample_bilinear", upsample("bilinear"))
operation("linear", linear)
operation("concat", concat)
operation("relu", simple(lambda x: F.relu(x)))
operation("leaky_relu", simple(lambda x: F.leaky_relu(x, 0.01), dict(slope=0.01)))
operation("sigmoid", simple(lambda x: torch.sigmoid(x)))
operation("softmax_channels", simple(lambda x: F.softmax(x, 1)))
operation("group_norm", group_norm(False))
operation("instance_norm", group_norm(True))
batch_norm()
for name, function in LOSSES.items():
    operation("loss_" + name, loss(function))
operation("loss_cross_entropy", cross_entropy)
optimizers()
unet_ten_steps()
