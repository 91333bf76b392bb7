"""The table of one run."""

ROWS = [
    ("echoPerSecond", "Hummingbird echo, 1 KB", "requests/s"),
    ("echoCpuMicroseconds", "  its processor time", "us each"),
    ("oneWayPerSecond", "One-way, synced, mapped, delivered, settled", "messages/s"),
    ("oneWayToEcho", "  to the echo (goal 0.333)", "ratio"),
    ("oneWayAcceptedPerSecond", "  accepted while the sender ran", "messages/s"),
    ("oneWayBacklog", "  not yet delivered when the sender stopped", "messages"),
    ("oneWayRepeated", "  delivered more than once", "messages"),
    ("oneWayCpuMicroseconds", "  the hub's processor time", "us each"),
    ("oneWaySwitches", "  its threads gave up a processor", "times each"),
    ("oneWayP50Milliseconds", "  due to delivered at 70 % of the rate, p50", "ms"),
    ("oneWayP99Milliseconds", "  due to delivered, p99 (goal < 20)", "ms"),
    ("oneWayReceiptP50Milliseconds", "  due to receipt, p50", "ms"),
    ("oneWayReceiptP99Milliseconds", "  due to receipt, p99", "ms"),
    ("oneWayOrderedPerSecond", "  in order for each of 1,000 dossiers", "messages/s"),
    ("oneWayManyPerSecond", "  256 connections", "messages/s"),
    ("oneWaySinglePerSecond", "  one connection", "messages/s"),
    ("requestReplyPerSecond", "Request-reply through the hub, recorded", "requests/s"),
    ("requestReplyToProxy", "  to nginx -> nginx", "ratio"),
    ("requestReplyCpuMicroseconds", "  the hub's processor time", "us each"),
    ("directP50Microseconds", "  the call made directly, one at a time, p50", "us"),
    ("requestReplyAddedP50Microseconds", "  added by the hub, one at a time, p50 (goal < 800)", "us"),
    ("readAddedP50Microseconds", "  added to a read (GET), one at a time, p50 (goal < 500)", "us"),
    ("requestReplyHalfLoadAddedP50Microseconds", "  added at half load, p50", "us"),
    ("requestReplyAddedP99Microseconds", "  added at half load, p99 (goal < 5000)", "us"),
    ("proxyPerSecond", "nginx reverse proxy -> nginx, 1 KB", "requests/s"),
    ("rssMegabytesMax", "Memory of the hub, most (goal < 150)", "MB"),
    ("othersPercent", "Taken by other programs on this machine", "% of it"),
]


def number(value):
    if isinstance(value, float) and abs(value) < 100:
        return f"{value:,.3f}" if abs(value) < 1 else f"{value:,.2f}"
    return f"{value:,.0f}"


def table(figures):
    """The figures that there are, one a line."""
    lines = [""]

    def line(words, value, unit):
        lines.append(f"{words:54}{number(value):>14}  {unit}")

    for key, words, unit in ROWS:
        if figures.get(key) is not None:
            line(words, figures[key], unit)
    ours = figures.get("oneWayPerSecond")
    syncs = figures.get("syncs", {})
    for group, note in (("peers", ""), ("peersWithoutSync", ", without sync: no equal")):
        for name, value in figures.get(group, {}).items():
            ratio = f"; the hub makes {ours / value:.2f} of it" if ours else ""
            line(f"{name}, the same one-way work{note}", value, f"messages/s{ratio}")
    for name, proof in syncs.items():
        line(f"{name}: syncs for {proof['messages']} messages one by one", proof["syncs"],
             ", ".join(f"{count} {call}" for call, count in proof["calls"].items()) or "none")
    for case, sizes in figures.get("matrix", {}).items():
        for size, found in sizes.items():
            line(f"request-reply, {case}, {size}", found["perSecond"], f"requests/s, p99 {found['p99Milliseconds']} ms")
    for way, found in figures.get("hostings", {}).items():
        line(f"one-way by hosting: {way}", found["perSecond"],
             f"messages/s; hub {found['hubMicroseconds']} us, program {found['programMicroseconds']} us each")
    for part in ("attachments", "idle", "soak", "backlog"):
        for key, value in figures.get(part, {}).items():
            if key != "samples":
                line(f"{part}: {key}", value, "")
    return "\n".join(lines) + "\n"
