"""As much HTTP/1.1 as the crash test needs, on asyncio: a client that keeps its connection, and a small server."""

import asyncio
import random
import socket
from dataclasses import dataclass, field

HEAD_MAX = 256 << 10


class NoAnswer(Exception):
    """The connection ended, or the time did, before a whole answer was there: the other side may have acted or not."""


@dataclass
class Message:
    """A request or an answer. `first` is its first line, header names are in lower case."""

    first: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def method(self) -> str:
        return self.first.split(" ")[0]

    @property
    def path(self) -> str:
        return self.first.split(" ")[1]

    @property
    def status(self) -> int:
        return int(self.first.split(" ")[1])


@dataclass
class Answer:
    """What a handler says. `cut`: the connection ends in the middle of it; None as body: without a single byte."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = b""
    cut: bool = False


async def read_message(reader: asyncio.StreamReader) -> Message:
    """Reads one message with its whole body; raises IncompleteReadError when it ends early."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        if name:
            headers[name.lower()] = value.strip()
    message = Message(head[0], headers)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        message.body = await read_chunks(reader)
    elif length := int(headers.get("content-length", "0")):
        message.body = await reader.readexactly(length)
    return message


async def read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return body


def head(first: str, headers: dict[str, str]) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode("latin-1")


class Client:
    """Asks one server on this machine, one request after the other."""

    def __init__(self, port: int):
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", within: float = 20
    ) -> Message:
        """One request and its answer; raises NoAnswer."""
        try:
            async with asyncio.timeout(within):
                return await self._ask(method, path, headers or {}, body)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError) as error:
            self.close()
            raise NoAnswer(f"{type(error).__name__}: {error}") from error

    async def send_and_go(self, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
        """Sends a request and leaves without waiting for the answer."""
        try:
            await self._send(method, path, headers, body)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        if self.streams:
            self.streams[1].transport.abort()
        self.streams = None

    async def _send(self, method: str, path: str, headers: dict[str, str], body: bytes) -> asyncio.StreamReader:
        if not self.streams:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=HEAD_MAX)
        reader, writer = self.streams
        sized = {"Host": f"127.0.0.1:{self.port}", "Content-Length": str(len(body)), **headers}
        writer.write(head(f"{method} {path} HTTP/1.1", sized) + body)
        await writer.drain()
        return reader

    async def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Message:
        reader = await self._send(method, path, headers, body)
        answer = await read_message(reader)
        while answer.status < 200:
            answer = await read_message(reader)
        if answer.headers.get("connection", "").lower() == "close":
            self.close()
        return answer


class Server:
    """Answers on one port until it is closed; may be closed and opened again."""

    def __init__(self, handler):
        self.handler = handler
        self.port = free_port()
        self.server: asyncio.Server | None = None
        self.writers: set[asyncio.StreamWriter] = set()

    async def open(self) -> None:
        while not self.server:
            try:
                self.server = await asyncio.start_server(
                    self._talk, "127.0.0.1", self.port, limit=HEAD_MAX, backlog=512)
            except OSError:
                await asyncio.sleep(0.05)

    def close(self) -> None:
        """Takes no connection any more, and resets those that are open."""
        if self.server:
            self.server.close()
        self.server = None
        for writer in self.writers:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        try:
            while await self._answer(await read_message(reader), writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            pass
        finally:
            self.writers.discard(writer)
            writer.transport.abort()

    async def _answer(self, request: Message, writer: asyncio.StreamWriter) -> bool:
        answer = await self.handler(request)
        if answer.body is None:
            return False
        length = len(answer.body) + (100 if answer.cut else 0)
        writer.write(head(f"HTTP/1.1 {answer.status} -", {"Content-Length": str(length), **answer.headers}))
        writer.write(answer.body)
        await writer.drain()
        if answer.cut:
            writer.close()
        return not answer.cut


def free_port() -> int:
    """A free port below those that the system gives to outgoing connections: so it stays free over restarts."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        end = int(file.read().split()[0])
    while True:
        port = random.SystemRandom().randrange(max(end - 12_000, 1024), end)
        with socket.socket() as candidate:
            try:
                candidate.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
