"""Glia and its peers side by side: the same U-Net, weights, images, loss and optimizer, in turns.

    pip install torch
    mvn -q -DskipTests package
    mvn -q -f benchmarks/peers/tensorflow package        # only for --peers tensorflow
    python benchmarks/peers/compare.py [--device cpu|cuda] [--arch lgg] [--mode train] [--batch 4]
                                       [--precision f32] [--peers NAMES] [--rounds 10]
                                       [--turn-seconds 0.5] [--fresh-memory] [--json FILE]

Each round has a turn of every contestant, so that noise of the machine hits all of them: steps one
after the other, the first of them not counted, so that nobody is measured with the caches and the
spinning threads of who came before. What counts is the median of a turn, and in proportion to Glia's
of the same round. The order changes from round to round. The loss of the first step must agree
before anything is timed, and the last one has to be a number. A peer that cannot take part here is
listed with the reason. On a GPU each time is from and to a synchronised device.
"""
import argparse
import datetime
import json
import math
import os
import pathlib
import platform
import statistics
import sys
import tempfile

import torch

from contestants import PEERS, Glia, Unavailable
from server import JAR
from tensorfile import save_file
from turns import orders, turn

# glibc keeps what PyTorch frees, as Glia keeps what its tensors free. Otherwise each step asks the
# system for all of its memory again, and where first touches are slow the peers are twice as slow.
KEPT = dict(
    MALLOC_MMAP_MAX_="0",
    MALLOC_TRIM_THRESHOLD_=str(1 << 35),
    MALLOC_TOP_PAD_=str(1 << 30),
)
TOLERANCE = dict(f32=1e-4, tf32=2e-3, bf16=2e-2, int8=2e-2)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--arch", default="lgg", choices=["lgg", "classic"])
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--precision", default="f32", choices=list(TOLERANCE))
    parser.add_argument("--mode", default="train", choices=["train", "infer"])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--turn-seconds", type=float, default=0.5)
    parser.add_argument("--warmup", type=int, default=3, help="steps of each before the rounds")
    parser.add_argument("--peers", help="by commas, of: " + ", ".join(PEERS))
    parser.add_argument("--fresh-memory", action="store_true", help="leave glibc as it is: see KEPT")
    parser.add_argument("--java", default="java")
    parser.add_argument("--class-path", default=str(JAR))
    parser.add_argument("--json")
    args = parser.parse_args()
    if args.device == "cuda" and not torch.cuda.is_available():
        sys.exit("this PyTorch sees no GPU")
    if args.device == "cpu" and args.precision == "tf32":
        sys.exit("--precision tf32 is for GPUs")
    if args.precision == "int8" and (args.device != "cpu" or args.mode != "infer"):
        sys.exit("--precision int8 is for inference on the CPU")
    usual = list(PEERS) if args.device == "cuda" else ["channels_last", "contiguous"]
    args.peers = args.peers.split(",") if args.peers else usual
    unknown = set(args.peers) - set(PEERS)
    if unknown:
        sys.exit(f"no such peers: {', '.join(sorted(unknown))}; there are {', '.join(PEERS)}")
    return args


def made_up(batch, size):
    """Images, and a disc as the truth."""
    x = torch.rand(batch, 3, size, size)
    grid = torch.arange(size, dtype=torch.float)
    disc = (grid[:, None] - size / 2) ** 2 + (grid - size / 3) ** 2 < (size / 9) ** 2
    return x, disc.float().expand(batch, 1, -1, -1).contiguous()


def in_one_line(e):
    lines = [line.strip() for line in f"{type(e).__name__}: {e}".splitlines() if line.strip()]
    return " ".join(lines)[:300]


def admit(args, glia, weights, x, t):
    """The contestants and their first losses, and why others do not take part."""
    contestants, first, absent = [glia], {glia.name: glia.step()[1]}, {}
    for peer in args.peers:
        kind = PEERS[peer]
        try:
            contestant = kind(args, weights, x, t)
            first[kind.name] = contestant.step()[1]
            contestants.append(contestant)
        except Unavailable as e:
            absent[kind.name] = str(e)
        except Exception as e:  # whatever a compiler or an exporter lacks on this machine
            absent[kind.name] = in_one_line(e)
    return contestants, first, absent


def quartiles(values):
    if len(values) == 1:
        return values * 3
    return statistics.quantiles(values, n=4, method="inclusive")


def main():
    args = arguments()
    torch.manual_seed(0)
    torch.backends.cudnn.benchmark = True
    torch.backends.cudnn.allow_tf32 = args.precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = args.precision == "tf32"
    x, t = made_up(args.batch, args.size)
    with tempfile.TemporaryDirectory() as folder:
        inputs, weights = folder + "/inputs.safetensors", folder + "/weights.safetensors"
        save_file({"x": x, "t": t}, inputs)
        glia = Glia(args, inputs, weights)
        contestants, first, absent = admit(args, glia, weights, x, t)
        for name, loss in first.items():
            if not abs(loss - first["glia"]) <= TOLERANCE[args.precision]:
                sys.exit(f"the first losses differ: {first}")
        for c in contestants:
            for _ in range(args.warmup):
                c.step()
        turns = {c.name: [] for c in contestants}
        for order in orders(contestants, args.rounds):
            for c in order:
                turns[c.name].append(turn(lambda: c.step()[0], args.turn_seconds))
        last = {c.name: c.step()[1] for c in contestants}
        peak, reserved = glia.ask("memory")
        for c in contestants:
            c.close()
    if not all(map(math.isfinite, last.values())):
        sys.exit(f"the last losses are not all numbers: {last}")

    print(
        f"{args.arch} {args.mode} batch {args.batch} size {args.size} {args.precision}"
        f" on {args.device}, ms a step, medians of turns; first losses agree: {first}"
    )
    medians = {name: [statistics.median(steps) for steps in of] for name, of in turns.items()}
    ratios = {}
    for name, values in medians.items():
        ratios[name] = quartiles([b / a for a, b in zip(medians["glia"], values)])
        low, middle, high = quartiles(values)
        least, most = ratios[name][0], ratios[name][2]
        print(
            f"  {name:30s} median {middle:9.2f}  quartiles {low:9.2f} {high:9.2f}"
            f"  / glia {ratios[name][1]:5.2f}  quartiles {least:5.2f} {most:5.2f}"
        )
    for name, why in absent.items():
        print(f"  {name:30s} does not take part: {why}")
    print(f"  glia peak {peak / 2**20:.0f} MiB live, {reserved / 2**20:.0f} MiB reserved")
    if args.json:
        result = dict(
            date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            command=" ".join(["compare.py", *sys.argv[1:]]),
            machine=platform.processor() or platform.machine(),
            cpus=os.cpu_count(),
            torch=torch.__version__,
            torch_threads=torch.get_num_threads(),
            torch_device=torch.cuda.get_device_name() if args.device == "cuda" else "cpu",
            torch_cuda=torch.version.cuda,
            torch_cudnn=torch.backends.cudnn.version(),
            glia=glia.description,
            first_losses=first,
            last_losses=last,
            absent=absent,
            turn_seconds=args.turn_seconds,
            quartiles_of_ratios_to_glia=ratios,
            milliseconds_by_turn=turns,
            glia_peak_bytes=peak,
            glia_reserved_bytes=reserved,
        )
        pathlib.Path(args.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    if KEPT.items() <= os.environ.items() or "--fresh-memory" in sys.argv:
        main()
    else:
        # glibc reads them when a process starts, so this one starts again.
        os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, **KEPT))
