"""What is measured of the hub and of its yardsticks. Each function runs one round and returns its figures."""

import statistics
import time

from .processes import Failure, Share, cpu_seconds, switches
from .tools import Load
from .trace import Trace

DRAIN_MAX = 120


def median(values):
    return statistics.median(values) if values else None


def checked(result, what):
    """A round in which something failed is no figure."""
    if result["failed"] or result["broken"] or result["ok"] == 0:
        raise Failure(f"{what}: {result['failed']} failed, {result['broken']} broken, {result['statuses']}")
    return result


class Bench:
    """The servers under test and the bodies, with one method for each kind of round."""

    def __init__(self, hub, sink, echo, proxy, bodies):
        self.hub, self.sink, self.echo, self.proxy, self.bodies = hub, sink, echo, proxy, bodies

    # Yardsticks

    def echo_round(self, connections, seconds):
        """The web server alone: the body that comes goes back."""
        before = cpu_seconds(self.echo.pid)
        result = checked(
            Load(self.echo.port, "/echo", self.bodies["1 KB"], ["Content-Type: application/json"])
            .run(connections, seconds), "echo")
        result["cpuMicroseconds"] = (cpu_seconds(self.echo.pid) - before) / result["ok"] * 1e6
        return result

    def direct_round(self, connections=1, seconds=2.0, rate=None, method="POST"):
        """The far system's own service, called without anything between."""
        return checked(
            Load(self.sink.port, "/answer", self.bodies["1 KB"], ["Content-Type: application/json"], method)
            .run(connections, seconds, rate), "direct call")

    def proxy_round(self, connections, seconds, rate=None):
        """nginx as a reverse proxy before nginx: a hop that keeps nothing."""
        return checked(
            Load(self.proxy.port, "/", self.bodies["1 KB"], ["Content-Type: application/json"])
            .run(connections, seconds, rate), "nginx")

    # The hub

    def document_round(self, connections, seconds, looking):
        """Electronic documents, one way; `looking`: attachments are searched for marks and signatures."""
        headers = [
            header for header in self.hub.event_headers("vn.gov.edoc.document")
            if not header.startswith("Content-Type")] + ["Content-Type: application/xml"]
        headers.append(f"ce-benchlook: {'on' if looking else 'off'}")
        return self.one_way_round(connections, seconds, body="document", headers=headers)

    def one_way_round(self, connections, seconds, rate=None, kind="vn.bench.dossier", subjects=None, total=None,
                      body="1 KB", headers=None):
        """Messages from the first request until the last of them has settled.

        `perSecond` counts what was accepted, delivered once each as the receiver counts, and settled, over the whole
        time: a backlog that is left when the sender stops is drained on the clock.
        """
        self.sink.reset()
        settled_before = self.hub.settled().get("delivered", 0)
        cpu, switched = cpu_seconds(self.hub.pid), switches(self.hub.pid)
        with Share(self.hub.pid, self.sink.pid) as share:
            result = checked(
                Load(self.hub.port, "/v1/exchanges", self.bodies[body], headers or self.hub.event_headers(kind))
                .run(connections, seconds, rate, total, subjects), "one-way")
            accepted_at = time.monotonic()
            backlog = result["ok"] - self.sink.stats()["distinct"]
            stats = self._drain(result["ok"], settled_before, total)
            drained = time.monotonic() - accepted_at
        # The sender's own clock: starting it is not the hub's time.
        seconds = result["seconds"] + drained
        return {
            "accepted": result["ok"], "refused": result["refused"], "deliveries": stats["count"],
            "repeated": stats["count"] - stats["distinct"], "backlog": backlog,
            "seconds": seconds, "drainSeconds": drained,
            "acceptedPerSecond": result["perSecond"], "perSecond": result["ok"] / seconds,
            "receipt": result["latency"], "delivered": stats["latency"],
            "cpuMicroseconds": (cpu_seconds(self.hub.pid) - cpu) / result["ok"] * 1e6,
            "switches": (switches(self.hub.pid) - switched) / result["ok"],
            "othersPercent": share.others_percent,
        }

    def _drain(self, accepted, settled_before, total=None):
        limit = time.monotonic() + (DRAIN_MAX if not total else 3600)
        while True:
            stats = self.sink.stats()
            # The receiver is asked first: asking it costs nothing, asking the hub for its metrics does.
            if stats["distinct"] >= accepted and self.hub.settled().get("delivered", 0) - settled_before >= accepted:
                return stats
            if time.monotonic() > limit:
                raise Failure(
                    f"of {accepted} messages with a receipt {stats['distinct']} arrived and "
                    f"{self.hub.settled()} settled within {DRAIN_MAX} s")
            time.sleep(0.02)

    def syncs(self, messages=100):
        """Syncs of the hub while it takes messages one after the other: the proof that peers give too."""
        self.sink.reset()
        before = self.hub.settled().get("delivered", 0)
        with self.sink.standing_still():
            trace = Trace(self.hub.folder / "strace", [self.hub.pid])
            fed = Load(
                self.hub.port, "/v1/exchanges", self.bodies["1 KB"], self.hub.event_headers()).run(1, total=messages)
            found = trace.end()
        self._drain(fed["ok"], before)
        return {"messages": fed["ok"], **found}

    def question_round(self, connections=1, seconds=2.0, rate=None, service="answer", body="1 KB",
                       media_type="application/json", method="POST"):
        """Questions through the hub to the same service that `direct_round` calls, each written down."""
        cpu = cpu_seconds(self.hub.pid)
        result = checked(
            Load(self.hub.port, f"/v1/services/bench/{service}", self.bodies[body],
                 self.hub.question_headers(media_type), method)
            .run(connections, seconds, rate), f"question {service}")
        result["cpuMicroseconds"] = (cpu_seconds(self.hub.pid) - cpu) / result["ok"] * 1e6
        return result
