"""The cases of which WSO2 publishes figures for its Micro Integrator on 2 vCPU, with 100 users and no persistence:
passing on, routing by JSON content, XSLT. Ours are written to the disk before the answer leaves."""

from . import bodies
from .measures import median
from .processes import say

USERS = 100
# Requests a second at 500 bytes, 100 users, 2 vCPU, without persistence: as issue 4 quotes them.
PUBLISHED = {"mirror": 8904, "content": 5603, "stylesheet": 2573}
CASES = {
    "mirror": ("passed on", "application/json", ""),
    "content": ("routed by JSON content", "application/json", ""),
    "stylesheet": ("mapped by XSLT", "application/xml", " XML"),
}


def run(bench, rounds, seconds, sizes=None):
    """Requests a second, by case and size."""
    found = {}
    for case, (words, media_type, suffix) in CASES.items():
        found[case] = {}
        for size in sizes or bodies.SIZES:
            results = [
                bench.question_round(USERS, seconds, service=case, body=f"{size}{suffix}", media_type=media_type)
                for _ in range(rounds)]
            rate = median([r["perSecond"] for r in results])
            p50, p99 = (median([r["latency"][p] for r in results]) / 1000 for p in ("p50", "p99"))
            found[case][size] = {
                "perSecond": round(rate), "p50Milliseconds": round(p50, 2), "p99Milliseconds": round(p99, 2)}
            say(f"  {words}, {size}: {rate:,.0f}/s, p99 {p99:.1f} ms")
    return found
