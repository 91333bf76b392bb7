"""Counts the syncs of running processes, with strace."""

import pathlib
import re
import subprocess
import time

from .processes import Failure


def tree(pid):
    """A process and all that come from it."""
    found = [pid]
    children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split()
    for child in children:
        found += tree(int(child))
    return found


class Trace:
    """Counts the syncs of processes, of their threads and of what they start."""

    CALLS = ("fsync", "fdatasync", "sync_file_range", "msync")

    def __init__(self, file, pids):
        self.file = file
        command = ["strace", "-f", "-qq", "-e", f"trace={','.join(self.CALLS)}", "-o", str(file)]
        for pid in pids:
            command += ["-p", str(pid)]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True, start_new_session=True)
        self._wait_until_attached(pids)

    def _wait_until_attached(self, pids):
        limit = time.monotonic() + 10
        while not all(self._tracer(pid) for pid in pids):
            if self.process.poll() is not None:
                raise Failure(f"strace: {self.process.stderr.read().strip()}")
            if time.monotonic() > limit:
                raise Failure("strace did not attach")
            time.sleep(0.02)

    @staticmethod
    def _tracer(pid):
        try:
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
        except FileNotFoundError:
            return True
        return re.search(r"^TracerPid:\s+[1-9]", status, re.M)

    def end(self):
        # What an engine does right after its last message belongs to it.
        time.sleep(0.2)
        self.process.terminate()
        self.process.wait()
        counts = {}
        for line in self.file.read_text(errors="replace").splitlines():
            found = re.match(r"\d+ +(\w+)\(", line)
            if found:
                counts[found[1]] = counts.get(found[1], 0) + 1
        return {"syncs": sum(counts.values()), "calls": counts}
