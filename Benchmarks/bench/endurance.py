"""What takes long: a backlog on the disk, memory over time, large attachments, many idle endpoints."""

import json
import time

from .hub import Hub
from .processes import Failure, Memory, cpu_seconds, rss_megabytes, say
from .tools import Load


def backlog(bench, count, connections):
    """Takes `count` messages for a receiver that stands still, restarts, and drains them.

    The receiver is stopped, so every message waits on the disk; the hub is ended and started again with all of them,
    then the receiver goes on.
    """
    hub, sink = bench.hub, bench.sink
    sink.reset()
    with sink.standing_still():
        begin = time.monotonic()
        fed = Load(hub.port, "/v1/exchanges", bench.bodies["1 KB"], hub.event_headers()).run(connections, total=count)
        if fed["ok"] != count:
            raise Failure(f"of {count} messages {fed['ok']} were taken: {fed['statuses']}")
        taken = time.monotonic() - begin
        full = rss_megabytes(hub.pid)
        say(f"  {count:,} taken in {taken:.1f} s, the hub holds {full:.0f} MB")
        hub.stop()
        ready = hub.start()
        started = rss_megabytes(hub.pid)
        say(f"  started with them in {ready:.2f} s, {started:.0f} MB")
        begin = time.monotonic()
    reported = begin
    while True:
        stats = sink.stats()
        if stats["distinct"] >= count:
            break
        hub.server.check()
        if time.monotonic() - reported > 15:
            reported = time.monotonic()
            say(f"  {stats['distinct']:,} delivered, {rss_megabytes(hub.pid):.0f} MB")
        time.sleep(0.2)
    drained = time.monotonic() - begin
    say(f"  drained in {drained:.1f} s")
    return {
        "messages": count, "takenPerSecond": round(count / taken), "rssMegabytesFull": round(full, 1),
        "startSeconds": round(ready, 2), "rssMegabytesStarted": round(started, 1),
        "drainedPerSecond": round(count / drained), "rssMegabytesMax": round(hub.memory.end(), 1),
        "repeated": stats["count"] - stats["distinct"]}


def soak(bench, seconds, connections, rate=None):
    """Memory while messages go through for a long time: samples of (seconds, MB), and the most."""
    memory = Memory(bench.hub.pid)
    result = bench.one_way_round(connections, seconds, rate)
    most = memory.end()
    every = max(1, len(memory.samples) // 60)
    return {
        "seconds": seconds, "perSecond": round(result["perSecond"]), "rssMegabytesMax": round(most, 1),
        "samples": [[round(at), round(megabytes, 1)] for at, megabytes in memory.samples[::every]]}


def attachments(bench, folder, count=20, megabytes=50, connections=4):
    """Memory while bodies of 50 MB go through: as they are, since a mapping would have to hold them."""
    body = folder / "attachment.bin"
    body.write_bytes(bytes(range(256)) * (megabytes * 4096))
    headers = [
        header for header in bench.hub.event_headers("vn.bench.attachment") if not header.startswith("Content-Type")]
    bench.sink.reset()
    memory = Memory(bench.hub.pid)
    begin = time.monotonic()
    fed = Load(
        bench.hub.port, "/v1/exchanges", body, [*headers, "Content-Type: application/octet-stream"]).run(
            connections, total=count)
    if fed["ok"] != count:
        raise Failure(f"of {count} attachments {fed['ok']} were taken: {fed['statuses']}")
    while bench.sink.stats()["distinct"] < count:
        bench.hub.server.check()
        time.sleep(0.1)
    seconds = time.monotonic() - begin
    return {
        "count": count, "megabytes": megabytes, "megabytesPerSecond": round(count * megabytes / seconds),
        "rssMegabytesMax": round(memory.end(), 1)}


def idle(folder, sink, endpoints=100, seconds=20):
    """Processor time and memory of a hub with so many endpoints and nothing to do."""
    place = folder / "idle"
    place.mkdir()
    hub = Hub(place, sink.port)
    more = [
        {"name": f"idle-{number}", "connector": "http", "settings": {"url": f"http://127.0.0.1:{sink.port}/deliver"}}
        for number in range(endpoints)]
    # JSON is YAML too.
    (hub.config / "endpoints" / "idle.yaml").write_text(json.dumps(more))
    hub.start()
    time.sleep(3)
    before = cpu_seconds(hub.pid)
    time.sleep(seconds)
    used = cpu_seconds(hub.pid) - before
    found = {
        "endpoints": endpoints, "cpuPercent": round(100 * used / seconds, 2),
        "rssMegabytes": round(rss_megabytes(hub.pid), 1)}
    hub.stop()
    return found
