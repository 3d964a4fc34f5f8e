"""The memory that a training step takes in Glia and in PyTorch, each in a process of its own.

    pip install torch
    mvn -q -DskipTests package
    python benchmarks/peers/memory.py [--batch 4] [--size 256] [--steps 3]

Both first train a small network for a step, so that libraries and classes are loaded. What counts is
how much the largest resident size (VmHWM of /proc, reset by clear_refs) exceeds the resident size
(VmRSS) from there to the end of the steps: images, weights, gradients, the optimizer's state,
activations and workspaces, and for Java its heap. Three steps, since both make the optimizer's state
only at the end of the first.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch

from tensorfile import load_file, save_file
from torch_unet import UNet, objective

root = pathlib.Path(__file__).resolve().parents[2]
MIB = 2**20


def train_torch(features, inputs, precision, steps):
    data = load_file(inputs)
    x, t = data["x"].to(memory_format=torch.channels_last), data["t"]
    net = UNet(features, True).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(net.parameters(), 1e-4)
    for _ in range(steps):
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits = net(x)
        loss = objective(logits, t)
        # As everyone writes it: the gradients of the last step are freed before the backward.
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def torch_process(precision, inputs, small_inputs, steps):
    train_torch(4, small_inputs, precision, 1)
    print("before", flush=True)
    sys.stdin.readline()
    train_torch(32, inputs, precision, int(steps))
    print("0 0", flush=True)
    sys.stdin.readline()


def status(pid, name):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    sys.exit(f"/proc/{pid}/status has no {name}")


def growth(command):
    """Runs a command that says when to look at its memory."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout.readline().strip() != "before":
            sys.exit(f"did not start: {' '.join(command)}")
        pathlib.Path(f"/proc/{process.pid}/clear_refs").write_text("5")
        before = status(process.pid, "VmRSS")
        process.stdin.write("\n")
        process.stdin.flush()
        live, reserved = (int(word) for word in process.stdout.readline().split())
        result = dict(
            before=before,
            growth=status(process.pid, "VmHWM") - before,
            peak_live=live,
            reserved=reserved,
        )
        process.stdin.write("\n")
        process.stdin.flush()
    return result


def save_inputs(path, batch, size):
    x = torch.rand(batch, 3, size, size)
    t = (x[:, :1] > 0.9).float()
    save_file({"x": x, "t": t}, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--java", default="java")
    parser.add_argument("--java-options", default="-Xmx512m")
    parser.add_argument("--json")
    args = parser.parse_args()
    jar = root / "benchmarks/target/benchmarks.jar"
    if not jar.exists():
        sys.exit(f"{jar} is not there: mvn -q -DskipTests package")
    results = {}
    print(f"lgg, batch {args.batch}, {args.size} x {args.size}, steps: {args.steps}; MiB")
    with tempfile.TemporaryDirectory() as folder:
        inputs, small = folder + "/inputs.safetensors", folder + "/small.safetensors"
        save_inputs(inputs, args.batch, args.size)
        save_inputs(small, 1, 32)
        for precision in ["f32", "bf16"]:
            glia = [args.java, *args.java_options.split(), "-cp", str(jar)]
            glia += ["io.github.glia.benchmarks.StepMemory", "cpu", "lgg", precision]
            glia += [inputs, small, str(args.steps)]
            peer = [sys.executable, __file__, "torch", precision, inputs, small, str(args.steps)]
            for name, command in {"glia": glia, "torch": peer}.items():
                r = results[f"{name} {precision}"] = growth(command)
                line = f"  {name:6s}{precision:5s} grew by {r['growth'] / MIB:7.0f}"
                line += f" over {r['before'] / MIB:5.0f}"
                if r["reserved"]:
                    line += f"; tensors {r['peak_live'] / MIB:.0f}, reserved {r['reserved'] / MIB:.0f}"
                print(line, flush=True)
    for precision in ["f32", "bf16"]:
        ratio = results["glia " + precision]["growth"] / results["torch " + precision]["growth"]
        print(f"  glia / torch {precision:5s} {ratio:.2f}")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["torch"]:
        torch_process(*sys.argv[2:])
    else:
        main()
