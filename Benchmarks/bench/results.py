"""Writes one run's figures into Benchmarks/RESULTS.md, between two marks; what people wrote around them stays."""

import shlex
import sys

from . import bodies, matrix, report
from .tools import TOP

FILE = TOP / "Benchmarks" / "RESULTS.md"
BEGIN, END = "<!-- figures: written by Benchmarks/run --write -->", "<!-- end of figures -->"

# Figure, words, unit, goal in words, whether the goal is met.
GOALS = [
    ("oneWayToEcho", "One-way to echo", "ratio", "0.333", lambda f, v: v >= 0.333),
    ("oneWayP99Milliseconds", "One-way, due to delivered, p99 at 70 %", "ms", "< 20", lambda f, v: v < 20),
    ("oneWayPerSecond", "One-way against the best durable peer", "messages/s", "above all peers",
     lambda f, v: all(v > peer for peer in f.get("peers", {}).values())),
    ("requestReplyAddedP50Microseconds", "Request-reply, added p50", "us", "< 800", lambda f, v: v < 800),
    ("readAddedP50Microseconds", "Idempotent read, added p50", "us", "< 500", lambda f, v: v < 500),
    ("requestReplyAddedP99Microseconds", "Request-reply, added p99 at half load", "us", "< 5000",
     lambda f, v: v < 5000),
    ("rssMegabytesMax", "Memory, most", "MB", "< 150", lambda f, v: v < 150),
]


def _number(value):
    return report.number(value)


def _row(*cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def _head(*cells):
    return [_row(*cells), _row(*["---"] * len(cells))]


def _machine(figures):
    machine = figures["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return [
        f"Run of {figures['at']}, commit `{machine['commit']}`, {figures['seconds']:.0f} s. {machine['processors']} "
        f"processors ({machine['model']}), {machine['memoryGibibytes']} GiB, Linux {machine['kernel']}, "
        f"{machine['fileSystem']}; {machine['swift']}; {packages}. Other programs took "
        f"{figures.get('othersPercent', 0)} % of the machine meanwhile.", "",
        f"Command: `Benchmarks/run {shlex.join(sys.argv[1:])}`".rstrip("` ") + "`", ""]


def _goals(figures):
    lines = ["### Goals", "", *_head("", "Measured", "Goal", "")]
    for key, words, unit, goal, met in GOALS:
        value = figures.get(key)
        if value is not None:
            lines.append(_row(words, f"{_number(value)} {unit}", goal, "met" if met(figures, value) else "**not met**"))
    return [*lines, ""]


def _peers(figures):
    if not figures.get("peers"):
        return []
    ours, syncs = figures.get("oneWayPerSecond"), figures.get("syncs", {})

    def row(name, value, durable):
        proof = syncs.get(name)
        return _row(
            name, _number(value), f"{ours / value:.2f}" if ours else "",
            f"{proof['syncs']} for {proof['messages']}" if proof else "", "yes" if durable else "**no**")

    lines = ["### One-way beside the peers", "", *_head(
        "", "Messages/s", "The hub's share of it", "Syncs, one by one, receiver stopped", "Durable when acknowledged")]
    if ours:
        lines.append(row("lgsp", ours, True))
    lines += [row(name, value, True) for name, value in figures["peers"].items()]
    lines += [row(name, value, False) for name, value in figures.get("peersWithoutSync", {}).items()]
    return [*lines, ""]


def _matrix(figures):
    found = figures.get("matrix")
    if not found:
        return []
    lines = [f"### Request-reply by size, {matrix.USERS} users, requests/s", "", *_head(
        "", *bodies.SIZES, "WSO2 MI, 500 B, nothing kept")]
    for case, (words, _, _) in matrix.CASES.items():
        lines.append(_row(
            words, *(_number(found[case][size]["perSecond"]) if size in found[case] else "" for size in bodies.SIZES),
            _number(matrix.PUBLISHED[case])))
    return [*lines, ""]


def _endurance(figures):
    lines = []
    for key, title in (("backlog", "Backlog on the disk"), ("soak", "Full load over time"),
                       ("attachments", "Attachments"), ("idle", "Idle endpoints")):
        if key in figures:
            plain = ", ".join(f"{k} {v}" for k, v in figures[key].items() if k != "samples")
            lines.append(f"- {title}: {plain}")
            if "samples" in figures[key]:
                lines.append("  - MB by second: " + ", ".join(f"{t}: {mb}" for t, mb in figures[key]["samples"]))
    return ["### Over time and at rest", "", *lines, ""] if lines else []


def text(figures):
    table = report.table(figures).strip("\n")
    return "\n".join([
        *_machine(figures), *_goals(figures), *_peers(figures), *_matrix(figures), *_endurance(figures),
        "### All figures", "", "```", table, "```"])


def write(figures):
    """Puts the figures into the file, in the place of those of the last run."""
    before, rest = FILE.read_text().split(BEGIN)
    after = rest.split(END)[1]
    FILE.write_text(f"{before}{BEGIN}\n\n{text(figures)}\n\n{END}{after}")
