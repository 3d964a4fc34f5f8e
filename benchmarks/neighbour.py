"""How much slower Glia gets beside another program that keeps one core busy.

    mvn -q -DskipTests package
    python benchmarks/neighbour.py [--work train:4,infer:1] [--precision bf16] [--json FILE]
    python benchmarks/neighbour.py --policy OMP_WAIT_POLICY=passive --policy GOMP_SPINCOUNT=1000 --policy GOMP_SPINCOUNT=300000

A policy is how OpenMP's threads wait for each other (docs/cpu.md), as variables of the environment
separated by commas; without --policy it is what Glia sets, and GOMP_SPINCOUNT=300000 is libgomp's own.
Each round has a quiet and a busy turn of every policy; the order of the policies changes. The aim
is a ratio of at most 2.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
from array import array

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "peers"))

from server import JAR, Server, java_command  # noqa: E402
from tensorfile import write  # noqa: E402
from turns import orders, turn  # noqa: E402

WAITING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")


class Neighbour:
    """Another process that computes without end, on one core, while it is let."""

    def __init__(self):
        self.process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        self.process.send_signal(signal.SIGSTOP)

    def __enter__(self):
        self.process.send_signal(signal.SIGCONT)

    def __exit__(self, *error):
        self.process.send_signal(signal.SIGSTOP)

    def close(self):
        self.process.kill()
        self.process.wait()


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--arch", default="lgg", choices=["lgg", "classic"])
    parser.add_argument("--work", default="train:4,infer:1", help="MODE:BATCH, by commas")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--precision", default="bf16", choices=["f32", "bf16"])
    parser.add_argument("--policy", action="append", help="NAME=VALUE,…; may be repeated")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warmup", type=int, default=3, help="steps before anything is timed")
    parser.add_argument("--turn-seconds", type=float, default=1)
    parser.add_argument("--java", default="java")
    parser.add_argument("--class-path", default=str(JAR))
    parser.add_argument("--json")
    return parser.parse_args()


def environments(policies):
    if not policies:
        return {"as it is": dict(os.environ)}
    without = {name: value for name, value in os.environ.items() if name not in WAITING}
    found = {}
    for policy in policies:
        chosen = dict(pair.split("=", 1) for pair in policy.split(","))
        found[policy] = {**without, **chosen}
    return found


def made_up(path, batch, size):
    random.seed(1)
    x = array("f", (random.random() for _ in range(batch * 3 * size * size)))
    t = array("f", (float(value > 0.9) for value in x[: batch * size * size]))
    shapes = dict(x=[batch, 3, size, size], t=[batch, 1, size, size])
    write({"x": (shapes["x"], x.tobytes()), "t": (shapes["t"], t.tobytes())}, path)


def measure(args, mode, batch, neighbour):
    """The medians of every turn: policy, then quiet or busy, then rounds."""
    servers, medians = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        made_up(folder + "/inputs", batch, args.size)
        for policy, environment in environments(args.policy).items():
            what = ["cpu", args.arch, args.precision, mode, folder + "/inputs", folder + "/weights"]
            command = java_command(
                args.java, args.class_path, "io.github.glia.benchmarks.StepServer", *what
            )
            servers[policy] = Server(command, environment)
            medians[policy] = dict(quiet=[], busy=[])
            for _ in range(args.warmup):
                servers[policy].step()
        for order in orders(list(servers), args.rounds):
            for policy in order:
                step = lambda: servers[policy].step()[0]
                medians[policy]["quiet"].append(statistics.median(turn(step, args.turn_seconds)))
                with neighbour:
                    medians[policy]["busy"].append(statistics.median(turn(step, args.turn_seconds)))
        for server in servers.values():
            server.close()
    return medians


def main():
    args = arguments()
    neighbour = Neighbour()
    results = {}
    try:
        for work in args.work.split(","):
            mode, batch = work.split(":")
            print(f"{args.arch} {mode} batch {batch} {args.precision}, ms a step", flush=True)
            results[work] = measure(args, mode, int(batch), neighbour)
            for policy, turns in results[work].items():
                quiet, busy = (statistics.median(turns[key]) for key in ("quiet", "busy"))
                print(f"  {policy:26s} quiet {quiet:8.1f}  busy {busy:8.1f}  ratio {busy / quiet:5.2f}")
    finally:
        neighbour.close()
    if args.json:
        result = dict(
            date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            command=" ".join(["neighbour.py", *sys.argv[1:]]),
            machine=platform.processor() or platform.machine(),
            cpus=os.cpu_count(),
            medians_of_turns_ms=results,
        )
        pathlib.Path(args.json).write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
