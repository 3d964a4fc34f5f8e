"""Builds of Glia side by side, in turns: whether a change made a step faster.

    mvn -q -DskipTests package && cp benchmarks/target/benchmarks.jar before.jar
    mvn -q -DskipTests package            # with the change
    python benchmarks/builds.py before.jar benchmarks/target/benchmarks.jar
                                [--arch lgg] [--work train:4] [--precision bf16] [--rounds 12]
                                [--turn-seconds 2] [--json FILE]

Each build computes in two processes: how far apart their medians are is how far to trust a
difference between builds. Each round has a turn of every process, in an order that changes.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import sys
import tempfile

from neighbour import Server, java_command, made_up, orders, turn

PROCESSES = 2


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("builds", nargs="+", metavar="JAR")
    parser.add_argument("--arch", default="lgg", choices=["lgg", "classic"])
    parser.add_argument("--work", default="train:4", help="MODE:BATCH")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--precision", default="bf16", choices=["f32", "bf16"])
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--warmup", type=int, default=3, help="steps before anything is timed")
    parser.add_argument("--turn-seconds", type=float, default=2)
    parser.add_argument("--java", default="java")
    parser.add_argument("--json")
    return parser.parse_args()


def measure(args):
    """The medians of every turn, of each process of each build."""
    mode, batch = args.work.split(":")
    servers = {}
    with tempfile.TemporaryDirectory() as folder:
        made_up(folder + "/inputs", int(batch), args.size)
        what = ["cpu", args.arch, args.precision, mode, folder + "/inputs", folder + "/weights"]
        for process in range(PROCESSES):
            for build in args.builds:
                main_class = "io.github.glia.benchmarks.StepServer"
                command = java_command(args.java, build, main_class, *what)
                servers[build, process] = Server(command, dict(os.environ))
        for server in servers.values():
            for _ in range(args.warmup):
                server.step()
        medians = {key: [] for key in servers}
        for order in orders(list(servers), args.rounds):
            for key in order:
                step = lambda: servers[key].step()[0]
                medians[key].append(statistics.median(turn(step, args.turn_seconds)))
        for server in servers.values():
            server.close()
    return medians


def main():
    args = arguments()
    print(f"{args.arch} {args.work} {args.precision}, ms a step, medians of turns", flush=True)
    medians = measure(args)
    for build in args.builds:
        processes = [medians[build, process] for process in range(PROCESSES)]
        all_turns = statistics.median(sum(processes, []))
        each = "  ".join(f"{statistics.median(turns):8.1f}" for turns in processes)
        print(f"  {build:45s} {all_turns:8.1f}   its processes {each}")
    if args.json:
        result = dict(
            date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            command=" ".join(["builds.py", *sys.argv[1:]]),
            machine=platform.processor() or platform.machine(),
            cpus=os.cpu_count(),
            medians_of_turns_ms={f"{build} {process}": turns for (build, process), turns in medians.items()},
        )
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
