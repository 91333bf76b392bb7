"""The hub that is measured, with a configuration and a journal of its own."""

import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import urllib.parse

from .processes import Failure, Memory, Server, free_port, get
from .tools import TOP

LGSP = TOP / ".build" / "release" / "lgsp"


class Hub:
    """A release `lgsp run` on a copy of Benchmarks/Config."""

    def __init__(self, folder, sink_port, hostings=False):
        self.folder = folder
        self.config = folder / "Config"
        self.port = free_port()
        self._copy({19000: self.port, 19001: sink_port}, hostings)
        data = folder / "Data"
        data.mkdir()
        key = data / "journal.key"
        key.write_text(base64.b64encode(os.urandom(32)).decode() + "\n")
        key.chmod(0o600)
        made = subprocess.run(
            [LGSP, "agency", "rotate", "BENCH.S", "--json", "--config", self.config], capture_output=True, text=True)
        if made.returncode:
            raise Failure(f"no credential: {made.stderr}")
        self.credential = json.loads(made.stdout)
        self.server = self.memory = self.token = None

    def _copy(self, ports, hostings):
        shutil.copytree(TOP / "Benchmarks" / "Config", self.config)
        if hostings:
            own = TOP / "Benchmarks" / "Hostings"
            for part in ("connectors", "endpoints", "routes"):
                shutil.copytree(own / part, self.config / part, dirs_exist_ok=True)
            for connector in (self.config / "connectors").glob("bench-process-*"):
                shutil.copy(own / "connector.py", connector)
                shutil.copy(TOP / "Config" / "connectors" / "hotline-1022" / "lgsp_connector.py", connector)
        for path in self.config.rglob("*.yaml"):
            path.write_text(re.sub(
                r"(?<=127\.0\.0\.1:)19\d{3}", lambda found: str(ports[int(found[0])]), path.read_text()))

    def child(self, folder):
        """The process of the program that works in that connector's folder."""
        for path in pathlib.Path("/proc").glob("[0-9]*/cwd"):
            try:
                if path.resolve() == (self.config / "connectors" / folder).resolve():
                    return int(path.parent.name)
            except OSError:
                continue
        raise Failure(f"no program works in {folder}")

    @property
    def pid(self):
        return self.server.pid

    def start(self, within=600, environment=None):
        """Starts it and returns the seconds until it was ready."""
        begin = time.monotonic()
        self.server = Server(
            "lgsp run", [LGSP, "run", "--config", self.config], self.folder / "hub.log",
            env={**os.environ, **(environment or {})})
        self.memory = Memory(self.pid)
        self.server.wait_until(lambda: get(self.url("/ready")) is not None, within, every=0.02)
        ready = time.monotonic() - begin
        self.token = self._token()
        return ready

    def stop(self):
        if self.server:
            self.memory.end()
            self.server.stop(within=60)
        self.server = None

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def _token(self):
        form = urllib.parse.urlencode({
            "grant_type": "client_credentials", "client_id": self.credential["clientID"],
            "client_secret": self.credential["secret"]}).encode()
        answer = get(self.url("/oauth2/token"), data=form, method="POST")
        if not answer:
            raise Failure("the hub gave no token")
        return json.loads(answer)["access_token"]

    @property
    def authorization(self):
        return f"Authorization: Bearer {self.token}"

    def event_headers(self, kind="vn.bench.dossier"):
        """Header fields of a message; `load` adds its id."""
        return [
            self.authorization, "Content-Type: application/json", "ce-specversion: 1.0", "ce-source: /bench",
            f"ce-type: {kind}", "ce-sender: BENCH.S", "ce-receiver: BENCH.R"]

    def question_headers(self, media_type="application/json"):
        """Header fields of a question."""
        return [self.authorization, f"Content-Type: {media_type}", "ce-source: /bench"]

    def settled(self):
        """Exchanges that have ended, by their end, since the hub started."""
        text = get(self.url("/metrics")) or ""
        return {
            state: int(float(count))
            for state, count in re.findall(r'^lgsp_exchanges_settled_total\{state="(\w+)"\} (\S+)$', text, re.M)}
