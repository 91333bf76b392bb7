"""What stands beside the figures: machine, versions, settings."""

import os
import pathlib
import platform
import subprocess

from .tools import TOP


def _first(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else None


def _model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory():
    line = pathlib.Path("/proc/meminfo").read_text().splitlines()[0]
    return round(int(line.split()[1]) / 1024 / 1024)


def file_system(folder):
    """Kind of file system of a folder: in memory a sync costs nothing, so no figure counts there."""
    return _first(["stat", "-f", "-c", "%T", str(folder)])


def packages(*names):
    """Versions of Debian's packages; those that are not installed are left out."""
    found = {}
    for name in names:
        done = subprocess.run(["dpkg-query", "-W", "-f=${Version}", name], capture_output=True, text=True)
        if done.returncode == 0 and done.stdout:
            found[name] = done.stdout
    return found


def describe(folder):
    return {
        "processors": os.cpu_count(),
        "model": _model(),
        "memoryGibibytes": _memory(),
        "kernel": platform.release(),
        "fileSystem": file_system(folder),
        "swift": _first(["swift", "--version"]),
        "commit": _first(["git", "-C", str(TOP), "describe", "--always", "--dirty"]),
        "packages": packages(
            "nginx-light", "rabbitmq-server", "postgresql-15", "redis-server", "syslog-ng-core", "libcurl4",
            "libsqlite3-0", "libjq1", "libxslt1.1"),
    }
