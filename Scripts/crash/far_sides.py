"""The far sides of the crash test: a steady one, one with bad days, one for payments, a register that is asked on the
way, and an agency that fetches from its inbox."""

import asyncio
import json
import random
import urllib.parse

from ledger import Ledger
from town import Hub
from wire import Answer, Client, Message, NoAnswer, Server

SILENCE = 3.0


class Receiver:
    """A far system that knows the idempotency keys it has seen, or one that does not look at them."""

    def __init__(self, name: str, ledger: Ledger, seed: int, faults: float, checks_key: bool = True):
        self.name, self.ledger, self.faults, self.checks_key = name, ledger, faults, checks_key
        self.random = random.Random(f"{seed}/{name}")
        self.server = Server(self.answer)
        self.at_work: set[str] = set()
        self.is_away = False

    async def answer(self, request: Message) -> Answer:
        if self.is_away:
            return Answer(503)
        key = request.headers.get("idempotency-key", "").strip('"')
        if key in self.at_work:
            return Answer(409)
        self.at_work.add(key)
        try:
            return await self.act(request, key)
        finally:
            self.at_work.discard(key)

    async def act(self, request: Message, key: str) -> Answer:
        fate = self.random.random() / self.faults if self.faults else 1.0
        if fate < 0.4:
            return self.refusal()
        if fate < 0.55:
            # The hub may be killed while this is at work; it takes effect all the same.
            await asyncio.sleep(self.random.uniform(0.05, 0.6))
        self.take(request, key)
        if fate < 0.7 or fate >= 1.0:
            return Answer(200)
        if fate < 0.8:
            return Answer(body=None)
        if fate < 0.9:
            return Answer(200, body=b"half", cut=True)
        if fate < 0.95:
            return Answer(200, {"X-Garbage": "\x01"}, b"\x00\xff", cut=True)
        await asyncio.sleep(SILENCE)
        return Answer(200)

    def refusal(self) -> Answer:
        status = self.random.choice([500, 500, 502, 503, 429])
        return Answer(status, {"Retry-After": "1"} if status == 429 else {})

    def take(self, request: Message, key: str) -> None:
        receiver = request.path.rsplit("/", 1)[1]
        subject = request.headers.get("ce-subject")
        id = urllib.parse.unquote(request.headers["ce-id"])
        self.ledger.effect(id, receiver, subject, key, json.loads(request.body), self.checks_key)

    async def have_bad_days(self) -> None:
        """Now and then nobody answers there, or everybody is told to come back."""
        while True:
            await asyncio.sleep(self.random.uniform(2, 6))
            if self.random.random() < 0.5:
                self.server.close()
            else:
                self.is_away = True
            await asyncio.sleep(self.random.uniform(0.2, 1.5))
            self.is_away = False
            await self.server.open()

    def recover(self) -> None:
        """No more faults: what waits may come to its end."""
        self.faults = 0
        self.is_away = False


class Register(Receiver):
    """Answers what it is asked on the way, as often as it is asked: a question has no effect."""

    def take(self, request: Message, key: str) -> None:
        pass

    async def answer(self, request: Message) -> Answer:
        answer = await self.act(request, "")
        if answer.status == 200 and answer.body == b"":
            number = json.loads(request.body)["n"]
            return Answer(200, {"Content-Type": "application/json"}, json.dumps({"n": number}).encode())
        return answer


class Fetcher:
    """An agency that fetches from its inbox, and now and then forgets to say that it has a message."""

    def __init__(self, code: str, hub: Hub, ledger: Ledger, seed: int):
        self.code, self.hub, self.ledger = code, hub, ledger
        self.random = random.Random(f"{seed}/fetcher")
        self.client = Client(hub.port)

    async def run(self) -> None:
        while True:
            try:
                found = await self.fetch()
            except NoAnswer:
                found = 0
            if not found:
                await asyncio.sleep(0.05)

    async def fetch(self) -> int:
        token = await self.hub.token(self.code, self.client)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        answer = await self.client.ask("GET", "/v1/inbox?limit=20", headers)
        if answer.status != 200:
            return 0
        items = json.loads(answer.body)["messages"]
        for item in items:
            attributes = item["attributes"]
            text = item.get("data")
            if text is None:
                content = await self.client.ask("GET", item["href"], headers)
                if content.status != 200:
                    # The lease is over: it is offered again.
                    continue
                text = content.body
            self.ledger.effect(
                attributes["id"], self.code, attributes.get("subject"), item["id"], json.loads(text))
            if self.random.random() < 0.03:
                continue
            body = json.dumps({"lease": item["lease"]}).encode()
            await self.client.ask("POST", f"/v1/inbox/{item['id']}/ack", headers, body)
        return len(items)
