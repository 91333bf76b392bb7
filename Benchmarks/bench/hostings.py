"""What a message costs by the hosting of the connector that delivers it: the same work, one-way and unchanged."""

from .measures import median
from .processes import cpu_seconds, say

WAYS = {
    "swift": ("compiled module", "vn.bench.by-swift", None),
    "manifest": ("manifest", "vn.bench.by-manifest", None),
    "process1": ("program in Python, batch 1", "vn.bench.by-process-1", "bench-process-1"),
    "process100": ("program in Python, batch 100", "vn.bench.by-process-100", "bench-process-100"),
}


def run(bench, rounds, seconds, connections):
    """By hosting: messages a second, the hub's processor time and the program's, in microseconds a message."""
    found = {}
    for key, (words, kind, program) in WAYS.items():
        results = []
        for _ in range(rounds):
            child = bench.hub.child(program) if program else None
            before = cpu_seconds(child) if child else 0
            result = bench.one_way_round(connections, seconds, kind=kind)
            result["program"] = (cpu_seconds(child) - before) / result["accepted"] * 1e6 if child else 0
            results.append(result)
        found[key] = {
            "perSecond": round(median([r["perSecond"] for r in results])),
            "hubMicroseconds": round(median([r["cpuMicroseconds"] for r in results])),
            "programMicroseconds": round(median([r["program"] for r in results])),
        }
        ratio = found[key]["hubMicroseconds"] / found["swift"]["hubMicroseconds"]
        say(f"  {words}: {found[key]['perSecond']:,}/s, hub {found[key]['hubMicroseconds']} us "
            f"({ratio:.2f} of a compiled module's), program {found[key]['programMicroseconds']} us")
    return found
