"""The tools in C, compiled when they have changed, and what they tell."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess

from .processes import Failure, Server, free_port, get, listens

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILT = TOP / ".build" / "benchmarks"


def compile_tool(source, *libraries):
    """Compiles one file of C; returns the program, or None when a library's headers are not installed."""
    source = TOP / "Benchmarks" / source
    # What is put before another program's own functions is no program itself.
    flags = ["-shared", "-fPIC"] if source.stem == "allocations" else []
    program = BUILT / (source.stem + (".so" if flags else ""))
    if not shutil.which("cc"):
        raise Failure("a C compiler is missing: Benchmarks/setup")
    BUILT.mkdir(parents=True, exist_ok=True)
    common = TOP / "Benchmarks" / "tools" / "common.h"
    newest = max(path.stat().st_mtime for path in (source, common))
    if program.exists() and program.stat().st_mtime > newest:
        return program
    for library in libraries:
        found = subprocess.run(["pkg-config", "--cflags", "--libs", library], capture_output=True, text=True)
        if found.returncode:
            return None
        flags += found.stdout.split()
    command = ["cc", "-std=gnu17", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", f"-I{common.parent}", "-o",
               str(program), str(source), *flags, "-lpthread"]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        raise Failure(f"{source} does not compile:\n{made.stderr}")
    return program


class Sink:
    """The receiver."""

    def __init__(self, folder):
        self.port = free_port()
        self.server = Server("sink", [compile_tool("tools/sink.c"), self.port], folder / "sink.log")
        self.server.wait_until(lambda: listens(self.port))

    @property
    def pid(self):
        return self.server.pid

    def stats(self):
        self.server.check()
        return json.loads(get(f"http://127.0.0.1:{self.port}/stats") or "{}")

    @contextlib.contextmanager
    def standing_still(self):
        """It neither takes nor answers anything meanwhile; connections stay."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def reset(self):
        get(f"http://127.0.0.1:{self.port}/reset", data=b"", method="POST")


class Load:
    """The load generator with one body and one set of header fields."""

    _runs = 0

    def __init__(self, port, path, body, headers=(), method="POST"):
        self.port, self.path, self.body, self.headers, self.method = port, path, body, list(headers), method

    def run(self, connections=64, seconds=5.0, rate=None, total=None, subjects=None):
        """Runs to its end and returns what `load` prints."""
        Load._runs += 1
        command = [
            compile_tool("tools/load.c"), "--port", self.port, "--path", self.path, "--body", self.body,
            "--connections", connections, "--run", f"r{Load._runs}", "--method", self.method]
        command += ["--total", total] if total else ["--seconds", seconds]
        if rate:
            command += ["--rate", rate]
        if subjects:
            command += ["--subjects", subjects]
        for header in self.headers:
            command += ["--header", header]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise Failure(f"load ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)
