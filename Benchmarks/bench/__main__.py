"""Runs the benchmarks and prints what came of them."""

import argparse
import datetime
import json
import os
import shutil
import sys
import time

from . import bodies, documents, endurance, hostings, machine, matrix, peers, profile, report, results
from .hub import LGSP, Hub
from .measures import Bench, median
from .processes import Failure, end_with_us, say, stop_all
from .tools import TOP, Sink
from .yardsticks import Echo, Proxy

CONNECTIONS = 64
# What --quick may take.
QUICK_SECONDS = 115


def options():
    parser = argparse.ArgumentParser(prog="Benchmarks/run", description="Measures the hub; see Benchmarks/README.md.")
    parser.add_argument("--quick", action="store_true", help="within two minutes: fewer and shorter rounds")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--only", default="", metavar="PART,…", help=f"only these parts: {', '.join(PARTS)}")
    parser.add_argument("--write", action="store_true", help="put the figures into Benchmarks/RESULTS.md")
    parser.add_argument("--backlog", type=int, metavar="N", help="messages of the part `backlog` (1,000,000)")
    parser.add_argument("--soak", type=float, metavar="S", help="seconds of the part `soak` (600)")
    parser.add_argument("--profile", action="store_true", help="also where the hub's processor time goes (perf)")
    parser.add_argument("--keep", action="store_true", help="leave Data/bench with its logs and journal")
    parser.add_argument("--connections", type=int, default=CONNECTIONS, help="connections of the load (64)")
    parser.add_argument("--rounds", type=int, help="rounds of each figure")
    parser.add_argument("--seconds", type=float, help="seconds of each round")
    return parser.parse_args()


class Run:
    """One run: what it needs, what it found."""

    def __init__(self, chosen, folder):
        self.chosen, self.folder = chosen, folder
        self.rounds = chosen.rounds or (3 if chosen.quick else 5)
        self.seconds = chosen.seconds or (3.0 if chosen.quick else 8.0)
        self.figures = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}
        self.rows = []
        self.begin = time.monotonic()
        self.bench = None
        # Programs that idle beside the hub would be in the way of the other parts.
        self.hosts = "hostings" in chosen.only.split(",")

    def prepare(self):
        files = {}
        for name, size in bodies.SIZES.items():
            files[name] = self.folder / f"{size}.json"
            files[name].write_bytes(bodies.json_dossier(size))
            files[f"{name} XML"] = self.folder / f"{size}.xml"
            files[f"{name} XML"].write_bytes(bodies.xml_dossier(size))
        sink = Sink(self.folder)
        hub = Hub(self.folder, sink.port, hostings=self.hosts)
        hub.start()
        self.bench = Bench(
            hub, sink, Echo(self.folder), Proxy(self.folder) if shutil.which("nginx") else None, files)
        # Code, caches and connections become warm on both sides before anything counts.
        self.bench.echo_round(self.chosen.connections, 1)
        self.bench.one_way_round(self.chosen.connections, 2)

    def note(self, key, value, digits=0):
        self.figures[key] = None if value is None else round(value, digits) if digits else round(value)

    def one_way(self):
        """Echo and hub by turns, so that a slow moment of the machine meets both."""
        echoes, rounds = [], []
        for number in range(self.rounds):
            echoes.append(self.bench.echo_round(self.chosen.connections, min(self.seconds, 3)))
            rounds.append(self.bench.one_way_round(self.chosen.connections, self.seconds))
            say(f"  {number + 1}/{self.rounds}: "
                f"echo {echoes[-1]['perSecond']:,.0f}/s ({echoes[-1]['cpuMicroseconds']:.0f} us CPU), "
                f"one-way {rounds[-1]['perSecond']:,.0f}/s ({rounds[-1]['cpuMicroseconds']:.0f} us CPU), "
                f"backlog {rounds[-1]['backlog']}, others {rounds[-1]['othersPercent']:.0f} % of the machine")
        rate = median([r["perSecond"] for r in rounds])
        self.note("echoPerSecond", median([r["perSecond"] for r in echoes]))
        self.note("echoCpuMicroseconds", median([r["cpuMicroseconds"] for r in echoes]), 1)
        self.note("oneWayPerSecond", rate)
        self.note("oneWayAcceptedPerSecond", median([r["acceptedPerSecond"] for r in rounds]))
        self.note("oneWayCpuMicroseconds", median([r["cpuMicroseconds"] for r in rounds]), 1)
        self.note("oneWaySwitches", median([r["switches"] for r in rounds]), 1)
        self.note("oneWayBacklog", median([r["backlog"] for r in rounds]))
        self.note("oneWayRepeated", sum(r["repeated"] for r in rounds))
        self.note("othersPercent", median([r["othersPercent"] for r in rounds]))
        self.figures["oneWayToEcho"] = round(rate / median([r["perSecond"] for r in echoes]), 3)
        say("  at 70 % of that rate")
        steady = [
            self.bench.one_way_round(self.chosen.connections, self.seconds, rate=0.7 * rate)
            for _ in range(1 if self.chosen.quick else 3)]
        self.note("oneWayP50Milliseconds", median([r["delivered"]["p50"] for r in steady]) / 1000, 2)
        self.note("oneWayP99Milliseconds", median([r["delivered"]["p99"] for r in steady]) / 1000, 2)
        self.note("oneWayReceiptP50Milliseconds", median([r["receipt"]["p50"] for r in steady]) / 1000, 2)
        self.note("oneWayReceiptP99Milliseconds", median([r["receipt"]["p99"] for r in steady]) / 1000, 2)

    def variants(self):
        """The same with an order to keep, and with more callers at a time."""
        for key, words, options in (
            ("oneWayOrderedPerSecond", "in order for each of 1,000 dossiers",
             {"connections": self.chosen.connections, "kind": "vn.bench.ordered", "subjects": 1000}),
            ("oneWayManyPerSecond", "256 connections", {"connections": 256}),
            ("oneWaySinglePerSecond", "one connection", {"connections": 1}),
        ):
            found = [self.bench.one_way_round(seconds=self.seconds, **options) for _ in range(min(self.rounds, 3))]
            self.note(key, median([r["perSecond"] for r in found]))
            say(f"  {words}: {self.figures[key]:,}/s")

    def questions(self):
        short = min(self.seconds, 2) if self.chosen.quick else 3
        direct, through, reads, full, proxied = [], [], [], [], []
        for number in range(self.rounds):
            direct.append(self.bench.direct_round(1, short / 2))
            through.append(self.bench.question_round(1, short / 2))
            alone = self.bench.direct_round(1, short / 2, method="GET")["latency"]["p50"]
            read = self.bench.question_round(1, short / 2, service="read", method="GET")["latency"]["p50"]
            reads.append(read - alone)
            full.append(self.bench.question_round(self.chosen.connections, short))
            if self.bench.proxy:
                proxied.append(self.bench.proxy_round(self.chosen.connections, short / 2))
            say(f"  {number + 1}/{self.rounds}: direct p50 {direct[-1]['latency']['p50']:.0f} us, "
                f"through the hub {through[-1]['latency']['p50']:.0f} us, reads {read:.0f} us, "
                f"{full[-1]['perSecond']:,.0f}/s ({full[-1]['cpuMicroseconds']:.0f} us CPU)"
                + (f", nginx {proxied[-1]['perSecond']:,.0f}/s" if proxied else ""))
        rate = median([r["perSecond"] for r in full])
        self.note("requestReplyPerSecond", rate)
        self.note("requestReplyCpuMicroseconds", median([r["cpuMicroseconds"] for r in full]), 1)
        self.note("directP50Microseconds", median([r["latency"]["p50"] for r in direct]))
        self.note("requestReplyAddedP50Microseconds", median(
            [b["latency"]["p50"] - a["latency"]["p50"] for a, b in zip(direct, through)]))
        self.note("readAddedP50Microseconds", median(reads))
        say("  at half of that rate")
        halves = []
        for _ in range(1 if self.chosen.quick else 3):
            alone = self.bench.direct_round(self.chosen.connections, short, rate=rate / 2)
            asked = self.bench.question_round(self.chosen.connections, short, rate=rate / 2)
            halves.append([asked["latency"][p] - alone["latency"][p] for p in ("p50", "p99")])
        self.note("requestReplyHalfLoadAddedP50Microseconds", median([h[0] for h in halves]))
        self.note("requestReplyAddedP99Microseconds", median([h[1] for h in halves]))
        self.note("proxyPerSecond", median([r["perSecond"] for r in proxied]))
        if proxied:
            self.figures["requestReplyToProxy"] = round(rate / median([r["perSecond"] for r in proxied]), 3)

    def peers(self):
        """One engine after the other, each alone with the receiver; the hub is idle meanwhile."""
        self.figures["peers"], self.figures["peersWithoutSync"] = {}, {}
        proofs = self.figures["syncs"] = {}
        if shutil.which("strace"):
            proofs["lgsp"] = self.bench.syncs()
        for kind in peers.ALL:
            missing = kind.missing()
            if missing:
                say(f"  {kind.name}: bỏ qua / left out, missing: {', '.join(missing)}")
                continue
            if self.chosen.quick and time.monotonic() - self.begin > QUICK_SECONDS - kind.quick_seconds:
                say(f"  {kind.name}: bỏ qua / left out, the two minutes are over")
                continue
            found, proof = peers.run_peer(
                kind, self.folder, self.bench.sink, self.bench.bodies["1 KB"], 1 if self.chosen.quick else self.rounds,
                self.seconds, self.chosen.connections)
            durable = proof is None or (kind.acknowledges and proof["syncs"] >= proof["messages"])
            where = "peers" if durable else "peersWithoutSync"
            self.figures[where][kind.name] = round(median([r["perSecond"] for r in found]))
            if proof:
                proofs[kind.name] = proof

    def matrix(self):
        self.figures["matrix"] = matrix.run(self.bench, min(self.rounds, 3), min(self.seconds, 4))

    def hostings(self):
        if not self.hosts:
            say("  bỏ qua / left out: alone with --only hostings")
            return
        self.figures["hostings"] = hostings.run(
            self.bench, min(self.rounds, 3), min(self.seconds, 4), self.chosen.connections)

    def attachments(self):
        self.figures["attachments"] = endurance.attachments(self.bench, self.folder)

    def documents(self):
        self.figures["documents"] = documents.run(
            self.bench, self.folder, min(self.rounds, 3), min(self.seconds, 4))

    def idle(self):
        self.figures["idle"] = endurance.idle(self.folder, self.bench.sink)

    def soak(self):
        self.figures["soak"] = endurance.soak(self.bench, self.chosen.soak or 600, self.chosen.connections)

    def backlog(self):
        # The memory of a hub with a backlog is that part's own figure.
        self.note("rssMegabytesMax", self.bench.hub.memory.end(), 1)
        self.figures["backlog"] = endurance.backlog(
            self.bench, self.chosen.backlog or 1_000_000, self.chosen.connections)

    def finish(self):
        if "rssMegabytesMax" not in self.figures:
            self.note("rssMegabytesMax", self.bench.hub.memory.end(), 1)
        self.figures["seconds"] = round(time.monotonic() - self.begin, 1)
        self.figures["machine"] = machine.describe(self.folder)


# In this order: what ends or burdens the hub that is measured comes last.
PARTS = {
    "one-way": ("Một chiều / one-way, 1 KB", Run.one_way),
    "variants": ("Một chiều, các biến thể / one-way, variants", Run.variants),
    "questions": ("Hỏi đáp / request-reply, 1 KB", Run.questions),
    "peers": ("Phần mềm đối chứng / peers: the one-way work, 1 KB", Run.peers),
    "matrix": ("Theo kích thước / request-reply by content and size", Run.matrix),
    "hostings": ("Cách chạy bộ kết nối / by hosting of the connector", Run.hostings),
    "documents": ("Văn bản điện tử / electronic documents", Run.documents),
    "attachments": ("Tệp đính kèm / attachments of 50 MB", Run.attachments),
    "idle": ("Điểm kết nối rảnh / idle endpoints", Run.idle),
    "soak": ("Chạy lâu / full load over time", Run.soak),
    "backlog": ("Hàng chờ trên đĩa / a backlog on the disk", Run.backlog),
}
QUICK_PARTS = ("one-way", "questions", "peers")


def main():
    chosen = options()
    parts = [part for part in chosen.only.split(",") if part] or list(QUICK_PARTS if chosen.quick else PARTS)
    if chosen.backlog and "backlog" not in parts:
        parts.append("backlog")
    for part in parts:
        if part not in PARTS:
            raise Failure(f"--only {part}? There are {', '.join(PARTS)}.")
    if not LGSP.exists():
        raise Failure(f"{LGSP} is missing: swift build -c release --product lgsp")
    folder = TOP / "Data" / "bench" / str(os.getpid())
    folder.mkdir(parents=True)
    end_with_us()
    try:
        if machine.file_system(folder) in ("tmpfs", "ramfs"):
            raise Failure(f"{folder} lies in memory, where a sync costs nothing: run this from a checkout on a disk")
        run = Run(chosen, folder)
        say("Chuẩn bị / preparing")
        run.prepare()
        for part in parts:
            title, measure = PARTS[part]
            say(title)
            measure(run)
        if chosen.profile:
            say("Thời gian xử lý / profile")
            run.profile = profile.run(run.bench, folder, chosen.connections, run.seconds)
        run.finish()
        print(report.table(run.figures))
        if chosen.write:
            results.write(run.figures)
        if chosen.profile:
            print(run.profile)
        if chosen.json:
            print(json.dumps(run.figures, ensure_ascii=False))
    finally:
        stop_all()
        if chosen.keep:
            say(f"Còn lại ở / left in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        say(f"Benchmarks/run: {failure}")
        sys.exit(1)
