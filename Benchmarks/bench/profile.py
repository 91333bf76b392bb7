"""Where the hub's processor time goes: perf on the running daemon, read by room and by function."""

import collections
import re
import shutil
import struct
import subprocess

from .hub import Hub
from .measures import Bench
from .processes import Failure, say
from .tools import compile_tool

# A Swift symbol says its module first: `$s`, the length, the name. Modules come as text or, twice the same, by place.
_MODULE = re.compile(r"^\$s(\d+)(\w+)")
# Rooms of other people's code that are worth a line of their own.
_LIBRARIES = {"libjq": "jq", "libsqlite3": "SQLite", "libcurl": "libcurl", "libxml2": "libxml2", "libxslt": "libxslt",
              "libcrypto": "OpenSSL"}
_NOT_ROOMS = {"Swift", "Foundation", "FoundationEssentials", "Synchronization", "_Concurrency"}


def _room(symbol, library):
    """The room or library that a frame belongs to; None for the runtime's own, which belong to who called them."""
    found = _MODULE.match(symbol)
    if found:
        name = found[2][:int(found[1])]
        return None if name in _NOT_ROOMS else name
    for prefix, name in _LIBRARIES.items():
        if prefix in library:
            return name
    if "nlohmann" in symbol or "valijson" in symbol or "cjs_" in symbol:
        return "CJSONSchema"
    if "BoringSSL" in symbol:
        return "BoringSSL"
    return None


class Profile:
    """perf record on one process, and tables of what it saw."""

    def __init__(self, pid, file):
        if not shutil.which("perf"):
            raise Failure("perf is missing: Benchmarks/setup installs linux-perf")
        self.pid, self.file = pid, file

    def record(self, work):
        """Runs `work` and looks 1499 times a second at every thread of the process meanwhile."""
        process = subprocess.Popen(
            ["perf", "record", "-q", "-F", "1499", "--call-graph", "fp", "-p", str(self.pid), "-o", str(self.file)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        result = work()
        process.terminate()
        _, error = process.communicate()
        if not self.file.exists():
            raise Failure(f"perf: {error.decode().strip()}")
        return result

    def stacks(self):
        """Thread and frames of each sample, the innermost frame first, as (symbol, library)."""
        text = subprocess.run(
            ["perf", "script", "-i", str(self.file), "--no-inline", "-F", "comm,tid,ip,sym,dso", "--no-demangle"],
            capture_output=True, text=True, errors="replace").stdout
        for block in text.split("\n\n"):
            lines = block.strip("\n").splitlines()
            frames = []
            for line in lines[1:]:
                found = re.match(r"\s+[0-9a-f]+ (.*?)(?: \((.*)\))?$", line)
                if found:
                    frames.append((found[1].split("+0x")[0], (found[2] or "").rsplit("/", 1)[-1]))
            if frames:
                yield lines[0].strip(), frames


def _tables(profile, rows):
    """Tables as (title, lines), shares in percent of all samples."""
    threads, rooms, leaves, inclusive, own = (collections.Counter() for _ in range(5))
    total = 0
    for thread, frames in profile.stacks():
        total += 1
        threads[thread] += 1
        leaves[f"{frames[0][0]} ({frames[0][1]})"] += 1
        named = [(_room(*frame), frame[0]) for frame in frames]
        nearest = next(((room, symbol) for room, symbol in named if room), None)
        rooms[nearest[0] if nearest else f"runtime, kernel ({frames[-1][1]})"] += 1
        if nearest:
            own[f"{nearest[0]}  {nearest[1]}"] += 1
        for entry in {f"{room}  {symbol}" for room, symbol in named if room}:
            inclusive[entry] += 1
    if not total:
        return []

    def lines(counter, count):
        return [f"{100 * n / total:6.2f} %  {name}" for name, n in counter.most_common(count)]

    return [
        (f"by thread, {total} samples", lines(threads, 12)),
        ("by room: each sample counts for the innermost room on its stack", lines(rooms, 30)),
        ("by function that a room's time is spent in, runtime and C library included", lines(own, rows)),
        ("by function with everything that it calls", lines(inclusive, 2 * rows)),
        ("by innermost function", lines(leaves, rows)),
    ]


def allocations(folder, sink, bodies, connections, seconds):
    """Calls of malloc and its like, and bytes asked for, of a message and of a question: a hub of its own counts."""
    place = folder / "allocations"
    place.mkdir()
    counts = place / "counts"
    hub = Hub(place, sink.port)
    hub.start(environment={
        "LD_PRELOAD": str(compile_tool("tools/allocations.c")), "BENCHMARK_ALLOCATIONS": str(counts)})
    bench = Bench(hub, sink, None, None, bodies)
    text = []
    for name, work in (("one-way", bench.one_way_round), ("request-reply", bench.question_round)):
        work(connections, 1)
        before = struct.unpack("2Q", counts.read_bytes())
        result = work(connections, seconds)
        after = struct.unpack("2Q", counts.read_bytes())
        done = result.get("accepted") or result["ok"]
        text.append(f"{name}: {(after[0] - before[0]) / done:,.0f} allocations, "
                    f"{(after[1] - before[1]) / done:,.0f} bytes each")
    hub.stop()
    return text


def run(bench, folder, connections, seconds, rows=40):
    """Profiles one-way messages, then questions; returns the text."""
    text = ["", "== allocations", *allocations(folder, bench.sink, bench.bodies, connections, seconds)]
    for name, work in (
        ("one-way", lambda: bench.one_way_round(connections, seconds)),
        ("request-reply", lambda: bench.question_round(connections, seconds)),
    ):
        say(f"  {name}")
        profile = Profile(bench.hub.pid, folder / f"perf-{name}.data")
        result = profile.record(work)
        text.append(
            f"\n== {name}: {result['perSecond']:,.0f}/s, {result['cpuMicroseconds']:.0f} us of processor time each")
        for title, lines in _tables(profile, rows):
            text += ["", f"-- {title}", *lines]
    plain = subprocess.run(["swift", "demangle", "--simplified"], input="\n".join(text), capture_output=True, text=True)
    return "\n".join(line[:200] for line in (plain.stdout if plain.returncode == 0 else "\n".join(text)).splitlines())
