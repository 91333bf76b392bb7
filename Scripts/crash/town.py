"""A small town for the crash test: its configuration, and the hub as a process that is started and killed."""

import asyncio
import base64
import ctypes
import json
import os
import signal
import subprocess
import time

from wire import Client, NoAnswer, free_port

# Who receives, and through which endpoint.
RECEIVERS = {
    "H24.1": "steady", "H24.2": "steady", "H24.3": "flaky", "H24.4": "flaky", "H24.5": "payments", "H24.6": "inbox",
}
SENDERS = ["H24.21", "H24.22", "H24.23", "H24.24"]

HUB = """
hub: {{name: Thử sập / crash test, organisation: H24, data: ../Data}}
gateway: {{http: "127.0.0.1:{port}", tokenLifetime: 24h}}
limits: {{freeDiskBytesMin: 32MiB}}
journal: {{key: "file:../journal.key"}}
retry: {{attempts: 1000, first: 50ms, factor: 1.5, max: 500ms}}
drain: 5s
"""
ENDPOINTS = """
- name: steady
  connector: http
  settings: {{url: "http://127.0.0.1:{steady}/steady/{{receiver}}"}}
  concurrency: 8
- name: flaky
  connector: http
  settings: {{url: "http://127.0.0.1:{flaky}/flaky/{{receiver}}"}}
  concurrency: 4
  timeout: 1s
- name: payments
  connector: http
  settings: {{url: "http://127.0.0.1:{payments}/payments/{{receiver}}"}}
  concurrency: 4
  timeout: 1s
  onDoubt: park
- name: register
  connector: http
  settings: {{url: "http://127.0.0.1:{register}/register", mode: body}}
  concurrency: 4
  timeout: 1s
- name: inbox
  connector: inbox
  settings: {{lease: 1s}}
"""
# `order` is the same in all of them, so messages of different types with one subject stand in one lane.
ROUTES = """
- {name: plain, match: {type: vn.crash.plain}, to: recipients, order: "{subject}", keep: 1d}
- name: mapped
  match: {type: vn.crash.mapped}
  map: [{jq: mapped.jq}]
  to: recipients
  order: "{subject}"
  keep: digest
- name: asked
  match: {type: vn.crash.asked}
  enrich: [{name: register, call: register, with: "{n: .n}"}]
  map: [{jq: asked.jq}]
  to: recipients
  order: "{subject}"
  keep: digest
- {name: batch, match: {type: vn.crash.batch}, split: {jq: .items, type: vn.crash.part}, keep: digest}
- {name: part, match: {type: vn.crash.part}, to: recipients, order: "{subject}", keep: digest}
- {name: payment, match: {type: vn.crash.payment}, to: recipients, keep: 1d}
"""
MAPPINGS = {"mapped.jq": ". + {mapped: true}", "asked.jq": ". + {asked: $calls.register.n}"}


class HubFailed(Exception):
    """The hub did not do what it must: start, run until it is killed, or stop when it is told."""


class Hub:
    """One hub: its folder, and its process as long as it has one."""

    def __init__(self, lgsp: str, folder: str):
        self.lgsp, self.folder = lgsp, folder
        self.config = f"{folder}/Config"
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.credentials: dict[str, dict[str, str]] = {}
        self.tokens: dict[str, str] = {}

    def prepare(self, ports: dict[str, int]) -> None:
        """Writes the configuration, and a credential for everybody."""
        agencies = [f"  - code: {code}\n    name: {code}\n    endpoint: {name}" for code, name in RECEIVERS.items()]
        agencies += [f"  - code: {code}\n    name: {code}" for code in SENDERS]
        self._write("Config/hub.yaml", HUB.format(port=self.port))
        self._write("Config/endpoints/all.yaml", ENDPOINTS.format(**ports))
        self._write("Config/routes/all.yaml", ROUTES)
        self._write("Config/agencies.yaml", "\n".join(["agencies:", *agencies, ""]))
        self._write("Config/access.yaml", 'access:\n  - {agency: "H24.2*", send: ["vn.crash.*"]}\n')
        for name, program in MAPPINGS.items():
            self._write(f"Config/mappings/{name}", program)
        self._write("journal.key", base64.b64encode(os.urandom(32)).decode() + "\n")
        os.chmod(f"{self.folder}/journal.key", 0o600)
        for code in [*SENDERS, "H24.6"]:
            self.credentials[code] = json.loads(self.command("agency", "rotate", code, "--json").stdout)

    def _write(self, name: str, text: str) -> None:
        path = f"{self.folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def command(self, *arguments: str) -> subprocess.CompletedProcess:
        """Runs `lgsp` to its end; raises HubFailed when it fails."""
        run = subprocess.run(
            [self.lgsp, *arguments, "--config", self.config], capture_output=True, text=True, timeout=300, check=False)
        if run.returncode != 0:
            raise HubFailed(f"lgsp {' '.join(arguments)}: {run.stderr.strip() or run.stdout.strip()}")
        return run

    def start(self) -> None:
        with open(f"{self.folder}/hub.log", "ab") as log:
            self.process = subprocess.Popen(
                [self.lgsp, "run", "--config", self.config], stdout=log, stderr=log, preexec_fn=die_with_parent)

    async def ready(self) -> None:
        """Waits until it takes messages; raises HubFailed when it ends before that."""
        client, end = Client(self.port), time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise HubFailed(f"the hub ended by itself with {self.process.returncode}:\n{self.log_end()}")
            try:
                if (await client.ask("GET", "/ready", within=2)).status == 200:
                    return client.close()
            except NoAnswer:
                pass
            await asyncio.sleep(0.01)
        raise HubFailed(f"the hub is not ready after 60 s:\n{self.log_end()}")

    def send_signal(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    async def ended(self, within: float) -> int:
        """Waits until the process is gone, and gives its status."""
        end = time.monotonic() + within
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise HubFailed(f"the hub did not end within {within} s")
            await asyncio.sleep(0.005)
        return self.process.returncode

    def close(self) -> None:
        """Nothing of it is left afterwards."""
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def log_end(self) -> str:
        with open(f"{self.folder}/hub.log", encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-20:])

    async def token(self, code: str, client: Client) -> str:
        """A bearer token; asked for once, since its key outlives the process."""
        if code not in self.tokens:
            own = self.credentials[code]
            basic = base64.b64encode(f"{own['clientID']}:{own['secret']}".encode()).decode()
            answer = await client.ask(
                "POST", "/oauth2/token",
                {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
                b"grant_type=client_credentials")
            if answer.status != 200:
                raise NoAnswer(f"no token: {answer.status}")
            self.tokens[code] = json.loads(answer.body)["access_token"]
        return self.tokens[code]


def die_with_parent() -> None:
    """Runs in the child: it is killed when the test ends, however that ends (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
