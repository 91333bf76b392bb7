"""Child processes that end with us, free ports, and what a process used."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

PORTS = range(19000, 20000)
_TICK = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """Something that ends the benchmark, said in one line."""


def say(text):
    """Progress goes to standard error, so that standard output holds the table and the JSON only."""
    print(text, file=sys.stderr, flush=True)


_taken = set()


def free_port():
    """A port of the benchmark's own range on which nobody listens."""
    for port in PORTS:
        if port in _taken:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _taken.add(port)
        return port
    raise Failure("no port of 19000-19999 is free")


_running = []


class Server:
    """A process in a group of its own, with its output in a file. Ended, with all that it started, when we end."""

    def __init__(self, name, command, log, **options):
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True, **options)
        _running.append(self)

    @property
    def pid(self):
        return self.process.pid

    def stop(self, gently=signal.SIGTERM, within=15):
        """Asks it to end, then ends it."""
        if self in _running:
            _running.remove(self)
        if self.process.poll() is None:
            self._signal(gently)
            try:
                self.process.wait(within)
            except subprocess.TimeoutExpired:
                pass
        self._signal(signal.SIGKILL)
        self.process.wait()

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def check(self):
        """Raises when it has ended, with the last lines of its output."""
        if self.process.poll() is not None:
            with open(self.log, errors="replace") as file:
                tail = "".join(file.readlines()[-8:])
            raise Failure(f"{self.name} ended with {self.process.returncode}; {self.log} says:\n{tail}")

    def wait_until(self, condition, within=60, every=0.05):
        """Waits for something that the process brings about."""
        end = time.monotonic() + within
        while not condition():
            self.check()
            if time.monotonic() > end:
                raise Failure(f"{self.name} was not ready after {within} s; see {self.log}")
            time.sleep(every)
        return self


def stop_all():
    """Ends everything that was started, the youngest first."""
    for server in reversed(list(_running)):
        server.stop(within=3)


def end_with_us():
    """Nothing outlives the benchmark, also when it is told to end."""
    atexit.register(stop_all)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def listens(port):
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(url, headers=None, data=None, method=None):
    """The body of an answer as text; None when there is none, or it is no success."""
    request = urllib.request.Request(url, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


def children(pid):
    """The processes that a process has started and that still run: the hub evaluates mappings in some."""
    found = []
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += [int(child) for child in file.read().split()]
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def cpu_seconds(pid, running_children=True):
    """User and system time that a process has used, with its children that were waited for and those that run."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    total = (int(fields[11]) + int(fields[12]) + int(fields[13]) + int(fields[14])) / _TICK
    for child in children(pid) if running_children else []:
        try:
            total += cpu_seconds(child)
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


def busy_seconds():
    """Processor time that the whole machine has used since it started."""
    with open("/proc/stat") as file:
        fields = [int(part) for part in file.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / _TICK


def rss_megabytes(pid):
    """Memory of a process and its children that is in RAM now; what children share with their program counts once."""
    return _memory(pid, "VmRSS:") + sum(_memory(child, "RssAnon:") for child in children(pid))


def _memory(pid, name):
    try:
        with open(f"/proc/{pid}/status") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith(name)) / 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def switches(pid):
    """How often the threads of a process have given up a processor by themselves."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt"))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return total


class Memory(threading.Thread):
    """Looks at a process's memory five times a second, and ends the process before it takes the machine with it."""

    LIMIT = 8 * 1024

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.most = 0.0
        self.samples = []
        self._over = threading.Event()
        self.start()

    def run(self):
        begin = time.monotonic()
        while not self._over.wait(0.2):
            try:
                now = rss_megabytes(self.pid)
            except (FileNotFoundError, ProcessLookupError):
                return
            self.most = max(self.most, now)
            if now > self.LIMIT:
                say(f"  process {self.pid} holds {now:,.0f} MB and is ended: more than {self.LIMIT:,} MB")
                os.kill(self.pid, signal.SIGKILL)
                return
            self.samples.append((time.monotonic() - begin, now))

    def end(self):
        self._over.set()
        self.join()
        return self.most


class Share:
    """How busy the machine was with other things than the named processes, while a block ran."""

    def __init__(self, *pids):
        self.pids = pids

    def __enter__(self):
        self.begin = (time.monotonic(), busy_seconds(), self._own())
        return self

    def __exit__(self, *_):
        seconds = time.monotonic() - self.begin[0]
        self.own = self._own() - self.begin[2]
        total = busy_seconds() - self.begin[1]
        # What runs within the block is waited for there, so our own children count as ours.
        self.others_percent = max(0.0, 100 * (total - self.own) / (seconds * os.cpu_count()))

    def _own(self):
        return cpu_seconds(os.getpid(), running_children=False) + sum(cpu_seconds(pid) for pid in self.pids)
