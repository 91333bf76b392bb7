"""Engines of Debian that do the hub's one-way work: take durably, forward, and hear from the receiver that it has it.

Each runs on loopback with a data folder of its own and the settings that make its acknowledgement durable. What syncs
an engine makes is counted by strace, with one client that waits for each acknowledgement: an engine that syncs before
it acknowledges then makes at least one sync for each message.
"""

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import time

from .processes import Failure, Server, free_port, listens, say
from .tools import compile_tool
from .trace import Trace, tree

CLIENTS = 64
DRAIN_MAX = 60


class Peer:
    """One engine. Subclasses say how it is started and fed."""

    name = program = library = None
    #: What has to be installed, as programs.
    needs = ()
    #: Whether the engine acknowledges, and may therefore be asked to do it durably.
    acknowledges = True
    #: Seconds that one short round takes, the start and the proof included, on a busy machine.
    quick_seconds = 15

    def __init__(self, folder, sink, body):
        self.folder = folder / self.program
        self.folder.mkdir()
        self.sink, self.body = sink, body
        self.servers = []
        self.port = free_port()
        self.tool = compile_tool(f"peers/{self.program}.c", *([self.library] if self.library else []))
        self.runs = 0

    @classmethod
    def missing(cls):
        """What is not installed, in words; empty when the peer can run."""
        missing = [program for program in cls.needs if not find(program)]
        if cls.library and subprocess.run(["pkg-config", "--exists", cls.library]).returncode:
            missing.append(f"{cls.library} (headers)")
        return missing

    def server(self, name, command, **options):
        server = Server(f"{self.name}: {name}", command, self.folder / f"{name}.log", **options)
        self.servers.append(server)
        return server

    def start(self):
        raise NotImplementedError

    def load(self, clients, seconds=0.0, total=0, mode="load"):
        """Feeds the engine, and returns what was acknowledged."""
        self.runs += 1
        command = [self.tool, mode, self.port, clients, seconds, total, f"p{self.runs}", self.body]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"{self.name}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def wait(self, count):
        """Until the receiver has so many different messages; returns its tally."""
        limit = time.monotonic() + DRAIN_MAX
        while True:
            stats = self.sink.stats()
            if stats["distinct"] >= count:
                return stats
            if time.monotonic() > limit:
                raise Failure(f"{self.name}: of {count} messages {stats['distinct']} arrived within {DRAIN_MAX} s")
            for server in self.servers:
                server.check()
            time.sleep(0.01)

    def round(self, clients, seconds):
        """Messages from the first until the receiver has the last."""
        self.sink.reset()
        fed = self.load(clients, seconds)
        fed_at = time.monotonic()
        stats = self.wait(fed["ok"])
        drained = time.monotonic() - fed_at
        return {
            "accepted": fed["ok"], "acceptedPerSecond": fed["perSecond"],
            "perSecond": fed["ok"] / (fed["seconds"] + drained), "drainSeconds": drained, "receipt": fed["latency"], "delivered": stats["latency"],
            "repeated": stats["count"] - stats["distinct"]}

    def syncs(self, messages=100):
        """Syncs that the engine makes while it takes so many messages from one client, one after the other. The
        receiver stands still meanwhile, so that what is synced for a delivery is not counted for a receipt."""
        self.sink.reset()
        with self.sink.standing_still():
            trace = Trace(self.folder / "strace", self.pids())
            fed = self.load(1, total=messages)
            found = trace.end()
        self.wait(fed["ok"])
        return {"messages": fed["ok"], **found}

    def pids(self):
        return [pid for server in self.servers for pid in tree(server.pid)]

    def stop(self):
        for server in reversed(self.servers):
            server.stop()


def find(program):
    """A program's path; PostgreSQL's lie apart."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/lib/postgresql/15/bin")


class RabbitMQ(Peer):
    """A quorum queue of one member; the shovel takes from it and acknowledges when the other side has confirmed. That
    is a queue without durability, as the receiver of the others keeps nothing either, and a consumer behind it."""

    name, program, library = "rabbitmq", "rabbitmq", "librabbitmq"
    needs = ("rabbitmq-server", "epmd")
    quick_seconds = 25

    def start(self):
        distribution, epmd = free_port(), free_port()
        self._configure()
        environment = {
            **os.environ, "HOME": str(self.folder), "RABBITMQ_NODENAME": "bench@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1", "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution), "ERL_EPMD_PORT": str(epmd), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}"}
        self.server("epmd", ["epmd", "-port", epmd, "-address", "127.0.0.1"], env=environment)
        server = self.server("server", ["/usr/lib/rabbitmq/bin/rabbitmq-server"], env=environment)
        log = self.folder / "server.log"
        server.wait_until(
            lambda: listens(self.port) and "Starting broker... completed" in log.read_text(errors="replace")
            or "completed with" in log.read_text(errors="replace"), within=90)
        self.receiver = subprocess.Popen(
            [str(self.tool), "receive", str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        time.sleep(1)
        self.wait(self.load(1, total=10)["ok"])

    def _configure(self):
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\nlog.console = true\n")
        (self.folder / "plugins").write_text("[rabbitmq_shovel].\n")
        quorum = ("{{'queue.declare', [{{queue, <<\"{}\">>}}, durable, "
                  "{{arguments, [{{<<\"x-queue-type\">>, longstr, <<\"quorum\">>}}]}}]}}")
        here = f'"amqp://guest:guest@127.0.0.1:{self.port}"'
        (self.folder / "advanced.config").write_text(f"""[{{rabbitmq_shovel, [{{shovels, [{{forward, [
  {{source, [{{protocol, amqp091}}, {{uris, [{here}]}},
    {{declarations, [{quorum.format("in")}, {quorum.format("proof")}]}},
    {{queue, <<"in">>}}, {{prefetch_count, 1000}}]}},
  {{destination, [{{protocol, amqp091}}, {{uris, [{here}]}},
    {{declarations, [{{'queue.declare', [{{queue, <<"out">>}}]}}]}},
    {{publish_fields, [{{exchange, <<>>}}, {{routing_key, <<"out">>}}]}}]}},
  {{ack_mode, on_confirm}}, {{reconnect_delay, 1}}]}}]}}]}}].
""")

    def syncs(self, messages=100):
        # A queue like the other, from which nothing is taken: the shovel cannot be made to stand still.
        trace = Trace(self.folder / "strace", self.pids())
        fed = self.load(1, total=messages, mode="proof")
        return {"messages": fed["ok"], **trace.end()}

    def wait(self, count):
        self.receiver.stdin.write(f"{count}\n")
        self.receiver.stdin.flush()
        line = self.receiver.stdout.readline()
        if not line:
            raise Failure(f"{self.name}: the receiver ended")
        return json.loads(line)

    def stop(self):
        self.receiver.stdin.close()
        self.receiver.wait()
        super().stop()


class PostgreSQL(Peer):
    """A table with a unique key, one row a commit; a forwarder takes rows with SKIP LOCKED, posts them, deletes them."""

    name, program, library = "postgresql", "postgres", "libpq"
    needs = ("initdb", "postgres")

    def start(self):
        # PostgreSQL refuses to run as root, and its own user may not reach a checkout.
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        data = pathlib.Path("/var/tmp") / f"bench-postgres-{os.getpid()}"
        self.data = data
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            shutil.chown(data, "postgres", "postgres")
        made = subprocess.run(
            [find("initdb"), "-D", data, "-U", "bench", "--auth=trust", "--no-sync", "--locale=C", "-E", "UTF8"],
            capture_output=True, text=True, **self._as_user())
        if made.returncode:
            raise Failure(f"initdb: {made.stderr}")
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "on",
            "synchronous_commit": "on", "shared_buffers": "256MB", "max_wal_size": "4GB", "max_connections": 100}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        server = self.server("server", [find("postgres"), "-D", data, *options], **self._as_user())
        server.wait_until(lambda: "ready to accept" in (self.folder / "server.log").read_text(errors="replace"))
        table = ("create table message (id bigserial primary key, key text not null unique, "
                 "received timestamptz not null default now(), body text not null)")
        made = subprocess.run(
            ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "bench", "-d", "postgres", "-qc", table],
            capture_output=True, text=True)
        if made.returncode:
            raise Failure(f"psql: {made.stderr}")
        self.server("forward", [self.tool, "forward", self.port, self.sink.port])

    def _as_user(self):
        return {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"} if os.getuid() == 0 else {}

    def stop(self):
        super().stop()
        shutil.rmtree(self.data, ignore_errors=True)


class Redis(Peer):
    """A stream, its log synced before each answer; one forwarder in a consumer group posts, acknowledges, deletes."""

    name, program, library = "redis", "redis", "hiredis"
    needs = ("redis-server",)

    def start(self):
        configuration = self.folder / "redis.conf"
        configuration.write_text(f"""
bind 127.0.0.1
port {self.port}
dir {self.folder}
daemonize no
save ""
appendonly yes
appendfsync always
no-appendfsync-on-rewrite no
""")
        self.server("server", [find("redis-server"), configuration]).wait_until(lambda: listens(self.port))
        self.server("forward", [self.tool, "forward", self.port, self.sink.port])


class SyslogNG(Peer):
    """A reliable disk buffer before an HTTP destination, one message a request. Its protocol acknowledges nothing."""

    name, program, library = "syslog-ng", "syslog", None
    needs = ("syslog-ng",)
    acknowledges = False

    def start(self):
        configuration = self.folder / "syslog-ng.conf"
        configuration.write_text(f"""@version: 3.35
options {{ stats-freq(0); log-msg-size(65536); keep-hostname(yes); use-dns(no); }};
source in {{ network(ip(127.0.0.1) port({self.port}) transport(tcp) flags(no-parse) log-iw-size(10000)); }};
destination out {{ http(url("http://127.0.0.1:{self.sink.port}/deliver") method("POST") body("$MSG")
  headers("Content-Type: application/json") workers(8) batch-lines(1)
  disk-buffer(reliable(yes) dir("{self.folder}") disk-buf-size(1073741824) mem-buf-size(16777216))); }};
log {{ source(in); destination(out); flags(flow-control); }};
""")
        self.server("server", [
            find("syslog-ng"), "-F", "--no-caps", "-f", configuration, "-R", self.folder / "persist", "-p",
            self.folder / "pid", "-c", self.folder / "control"]).wait_until(lambda: listens(self.port))

    def round(self, clients, seconds):
        # Nothing holds the sender back, so that most of the time goes to what waits when it has ended.
        return super().round(clients, seconds / 3)


# The quick ones first, so that --quick leaves out as few as possible.
ALL = (PostgreSQL, Redis, SyslogNG, RabbitMQ)


def run_peer(kind, folder, sink, body, rounds, seconds, clients=CLIENTS):
    """Starts one peer, measures, proves its syncs, stops it."""
    begin = time.monotonic()
    peer = kind(folder, sink, body)
    try:
        peer.start()
        started = time.monotonic() - begin
        peer.round(clients, 1)
        found = [peer.round(clients, seconds) for _ in range(rounds)]
        proof = peer.syncs() if shutil.which("strace") else None
    finally:
        peer.stop()
    for number, one in enumerate(found):
        say(f"  {kind.name} {number + 1}/{rounds}: {one['perSecond']:,.0f}/s, "
            f"accepted {one['acceptedPerSecond']:,.0f}/s, drained in {one['drainSeconds']:.1f} s")
    say(f"  {kind.name}: started in {started:.1f} s; with one client {proof}")
    return found, proof
