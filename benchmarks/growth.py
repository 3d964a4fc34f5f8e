"""How the cost of a training step grows with the work: time and memory, as JSON and as a picture.

    mvn -q -DskipTests package
    python benchmarks/growth.py --out benchmarks/results/growth [--precision f32] [--device cpu]

One thing grows at a time: the batch, the size of the images, the features of the first level, the
depth. Each point is a process of its own, `glia bench`, and what was measured already is not
measured again in the same folder.
"""
import argparse
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
USUAL = dict(batch=4, size=128, features=32, depth=4)


def square(value):
    return value * value


def same(value):
    return value


# What grows, over which values, and against what its time and its memory should be straight lines.
SWEEPS = [
    ("batch", [1, 2, 4, 8, 16, 32], ("images", same), ("images", same)),
    ("size", [64, 128, 192, 256, 384, 512], ("pixels of an image", square), ("pixels of an image", square)),
    ("features", [8, 16, 32, 48, 64], ("features²", square), ("features", same)),
    ("depth", [2, 3, 4, 5], ("depth", same), ("depth", same)),
]


def measure(args, point):
    name = "-".join(f"{key}{value}" for key, value in point.items())
    file = args.out / f"{name}.json"
    if not file.exists():
        command = [args.glia, "bench", "--mode", "train", "--arch", "lgg", "--device", args.device,
                   "--precision", args.precision, "--seconds", str(args.seconds), "--json", file]
        for key, value in point.items():
            command += [f"--{key}", str(value)]
        print(name, flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return json.loads(file.read_text())


def sweeps(args):
    rows = []
    for grown, values, time_axis, memory_axis in SWEEPS:
        points = []
        for value in values:
            figures = measure(args, {**USUAL, grown: value})
            points.append(dict(
                value=value,
                median_ms=figures["median_ms"],
                peak_mib=figures["peak_bytes"] / 2**20,
                gigaflops=figures["gigaflops"]))
        rows.append(dict(grown=grown, points=points, axes=(time_axis, memory_axis)))
    return rows


def straight(points):
    """Least squares of the distance in proportion to y, so that small points count as well."""
    weights = [1 / (y * y) for _, y in points]
    total = sum(weights)
    mean_x = sum(w * x for w, (x, _) in zip(weights, points)) / total
    mean_y = sum(w * y for w, (_, y) in zip(weights, points)) / total
    slope = (sum(w * (x - mean_x) * (y - mean_y) for w, (x, y) in zip(weights, points))
             / sum(w * square(x - mean_x) for w, (x, _) in zip(weights, points)))
    base = mean_y - slope * mean_x
    off = max(abs(y - base - slope * x) / y for x, y in points)
    return slope, base, off


WIDTH, HEIGHT, MARGIN = 300, 200, 56


def panel(left, top, title, label, points):
    """One plot: the points, and the straight line next to them."""
    slope, base, off = straight(points)
    most_x, most_y = max(x for x, _ in points), max(y for _, y in points)
    place = lambda x, y: (left + MARGIN + (WIDTH - MARGIN - 16) * x / most_x,
                          top + HEIGHT - 40 - (HEIGHT - 72) * y / most_y)
    line = [place(0, base) if base > 0 else place(-base / slope, 0), place(most_x, base + slope * most_x)]
    origin, corner = place(0, 0), place(most_x, most_y)
    parts = [
        f'<text x="{left + MARGIN}" y="{top + 16}" class="title">{title}</text>',
        f'<path d="M{origin[0]:.1f} {corner[1]:.1f}V{origin[1]:.1f}H{corner[0]:.1f}" class="axis"/>',
        '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="line"/>' % (*line[0], *line[1]),
        f'<text x="{origin[0] - 6:.1f}" y="{corner[1] + 4:.1f}" class="end">{most_y:,.0f}</text>',
        f'<text x="{origin[0] - 6:.1f}" y="{origin[1] + 4:.1f}" class="end">0</text>',
        f'<text x="{corner[0]:.1f}" y="{origin[1] + 16:.1f}" class="end">{most_x:,.0f}</text>',
        f'<text x="{(origin[0] + corner[0]) / 2:.1f}" y="{origin[1] + 30:.1f}" class="middle">'
        f'{label}; at most {100 * off:.0f} % off the line</text>',
    ]
    parts += ['<circle cx="%.1f" cy="%.1f" r="3.5"/>' % place(x, y) for x, y in points]
    return "\n".join(parts)


def picture(rows, heading):
    panels = []
    for column, row in enumerate(rows):
        for line, (key, unit) in enumerate([("median_ms", "milliseconds"), ("peak_mib", "MiB of tensors")]):
            label, scale = row["axes"][line]
            points = [(scale(p["value"]), p[key]) for p in row["points"]]
            panels.append(panel(column * WIDTH, 32 + line * HEIGHT, f'{row["grown"]}: {unit}', label, points))
    width, height = WIDTH * len(rows) + 16, 2 * HEIGHT + 40
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">
<style>
rect {{ fill: #fff }} text {{ font: 12px sans-serif; fill: #222 }} .title {{ font-weight: bold }}
.heading {{ font-size: 14px }} .end {{ text-anchor: end }} .middle {{ text-anchor: middle }}
.axis {{ fill: none; stroke: #888 }} .line {{ stroke: #e08030; stroke-width: 1.5 }} circle {{ fill: #2060a0 }}
</style>
<rect width="100%" height="100%"/>
<text x="{MARGIN}" y="20" class="heading">{heading}</text>
{chr(10).join(panels)}
</svg>
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--glia", default=str(ROOT / "glia"))
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    rows = sweeps(args)
    usual = ", ".join(f"{key} {value}" for key, value in USUAL.items())
    heading = f"A training step on {args.device} in {args.precision.upper()}; where it does not grow: {usual}"
    (args.out / "growth.svg").write_text(picture(rows, heading))
    for row in rows:
        del row["axes"]
    (args.out / "growth.json").write_text(json.dumps(dict(usual=USUAL, sweeps=rows), indent=1) + "\n")
    for row in rows:
        print(row["grown"])
        for p in row["points"]:
            print("  %5d %10.1f ms %9.1f MiB %7.0f GFLOP/s" % tuple(p.values()))


if __name__ == "__main__":
    main()
