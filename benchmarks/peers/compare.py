"""Glia and PyTorch side by side: the same U-Net, weights, images, loss and optimizer, in turns.

    pip install torch safetensors
    mvn -q -DskipTests package
    python benchmarks/peers/compare.py [--arch lgg] [--batch 4] [--size 256] [--precision f32]
                                       [--mode train] [--rounds 10] [--json FILE]

Each round runs one step of every contestant, so that noise of the machine hits all of them. The
loss of the first step must agree before anything is timed.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from safetensors.torch import load_file, save_file

from torch_unet import UNet, objective

root = pathlib.Path(__file__).resolve().parents[2]
parser = argparse.ArgumentParser()
parser.add_argument("--arch", default="lgg", choices=["lgg", "classic"])
parser.add_argument("--batch", type=int, default=4)
parser.add_argument("--size", type=int, default=256)
parser.add_argument("--precision", default="f32", choices=["f32", "bf16"])
parser.add_argument("--mode", default="train", choices=["train", "infer"])
parser.add_argument("--rounds", type=int, default=10)
parser.add_argument("--warmup", type=int, default=3)
parser.add_argument("--layouts", default="channels_last,contiguous")
parser.add_argument("--java", default="java")
parser.add_argument("--json")
args = parser.parse_args()
torch.manual_seed(0)


class Torch:
    def __init__(self, layout, weights, x, t):
        self.name = "torch " + layout
        form = getattr(torch, layout + "_format") if layout == "contiguous" else torch.channels_last
        self.net = UNet(32 if args.arch == "lgg" else 64, args.arch == "lgg")
        missing = self.net.load_state_dict(load_file(weights), strict=False)
        assert not missing.unexpected_keys, missing
        assert all("num_batches_tracked" in k for k in missing.missing_keys), missing
        self.net = self.net.to(memory_format=form)
        self.x, self.t = x.to(memory_format=form), t
        self.optimizer = torch.optim.Adam(self.net.parameters(), 1e-4)
        self.net.train(args.mode == "train")

    def step(self):
        start = time.perf_counter()
        autocast = torch.autocast("cpu", torch.bfloat16, enabled=args.precision == "bf16")
        if args.mode == "train":
            with autocast:
                logits = self.net(self.x)
            loss = objective(logits, self.t)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        else:
            # The loss tells whether the prediction is right; it is no part of the time.
            with torch.inference_mode(), autocast:
                logits = self.net(self.x)
                milliseconds = (time.perf_counter() - start) * 1e3
                return milliseconds, objective(logits, self.t).item()
        result = loss.item()
        return (time.perf_counter() - start) * 1e3, result


class Glia:
    name = "glia"

    def __init__(self, inputs, weights):
        jar = root / "benchmarks/target/benchmarks.jar"
        if not jar.exists():
            sys.exit(f"{jar} is not there: mvn -q -DskipTests package")
        command = [args.java, "-Xmx4g"]
        if b"--enable-native-access" in subprocess.run(
            [args.java, "--help"], capture_output=True
        ).stdout:
            command.append("--enable-native-access=ALL-UNNAMED")
        command += ["-cp", str(jar), "io.github.glia.benchmarks.StepServer", "cpu", args.arch]
        command += [args.precision, args.mode, inputs, weights]
        environment = dict(os.environ, OMP_WAIT_POLICY=os.environ.get("OMP_WAIT_POLICY", "passive"))
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.description = self.process.stdout.readline().strip().removeprefix("ready ")
        if not self.description:
            sys.exit("StepServer did not start")

    def ask(self, request):
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()
        return [float(word) for word in self.process.stdout.readline().split()]

    def step(self):
        return tuple(self.ask("step"))


with tempfile.TemporaryDirectory() as folder:
    inputs, weights = folder + "/inputs.safetensors", folder + "/weights.safetensors"
    x = torch.rand(args.batch, 3, args.size, args.size)
    grid = torch.arange(args.size, dtype=torch.float)
    disc = (grid[:, None] - args.size / 2) ** 2 + (grid - args.size / 3) ** 2 < (args.size / 9) ** 2
    t = disc.float().expand(args.batch, 1, -1, -1).contiguous()
    save_file({"x": x, "t": t}, inputs)
    glia = Glia(inputs, weights)
    contestants = [glia] + [Torch(layout, weights, x, t) for layout in args.layouts.split(",")]
    first = {c.name: c.step()[1] for c in contestants}
    tolerance = 1e-4 if args.precision == "f32" else 2e-2
    for name, loss in first.items():
        if abs(loss - first["glia"]) > tolerance:
            sys.exit(f"the first losses differ: {first}")
    print(f"first losses agree: {first}")
    for _ in range(args.warmup):
        for c in contestants:
            c.step()
    times = {c.name: [] for c in contestants}
    for _ in range(args.rounds):
        for c in contestants:
            times[c.name].append(c.step()[0])
    peak, reserved = glia.ask("memory")
    glia.process.stdin.close()
    glia.process.wait()

print(f"{args.arch} {args.mode} batch {args.batch} size {args.size} {args.precision}, ms a step")
medians = {name: statistics.median(values) for name, values in times.items()}
for name, values in times.items():
    ratio = statistics.median(b / a for a, b in zip(times["glia"], values))
    print(f"  {name:22s} median {medians[name]:8.1f}  min {min(values):8.1f}  / glia {ratio:5.2f}")
print(f"  glia peak {peak / 2**20:.0f} MiB live, {reserved / 2**20:.0f} MiB reserved")
if args.json:
    result = dict(
        date=datetime.date.today().isoformat(),
        command=" ".join(["compare.py", *sys.argv[1:]]),
        machine=platform.processor() or platform.machine(),
        cpus=os.cpu_count(),
        torch=torch.__version__,
        torch_threads=torch.get_num_threads(),
        glia=glia.description,
        first_losses=first,
        milliseconds=times,
        glia_peak_bytes=peak,
        glia_reserved_bytes=reserved,
    )
    pathlib.Path(args.json).write_text(json.dumps(result, indent=1) + "\n")
