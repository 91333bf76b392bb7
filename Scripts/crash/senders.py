"""Senders as a careful agency would write them: whoever gets no answer sends the same message again under its id."""

import asyncio
import json
import random

from ledger import Ledger, Sent, mark
from town import Hub
from wire import Client, Message, NoAnswer

SUBJECTS = [f"k{number}" for number in range(6)]
ROUTED = ["H24.1", "H24.2", "H24.3", "H24.4", "H24.6"]


class Sender:
    """One system of an agency: a message at a time, each until it has its receipt."""

    def __init__(self, name: str, code: str, hub: Hub, ledger: Ledger, seed: int):
        self.name, self.code, self.hub, self.ledger = name, code, hub, ledger
        self.random = random.Random(f"{seed}/{name}")
        self.client = Client(hub.port)
        self.count = 0
        self.stops = False

    async def run(self) -> None:
        while not self.stops:
            choice = self.random.random()
            if choice < 0.06:
                await self.hand_in_together([self.make() for _ in range(self.random.randint(2, 5))])
            else:
                sent = self.make()
                await self.hand_in(sent)
                if choice > 0.95:
                    # Long after its receipt it comes again: the receipt must be the first one.
                    await self.hand_in(sent)
            await asyncio.sleep(self.random.uniform(0, 0.03))

    def make(self) -> Sent:
        self.count += 1
        kind = self.random.choices(
            ["plain", "mapped", "asked", "batch", "payment"], [40, 25, 12, 8, 15])[0]
        subject = self.random.choice(SUBJECTS) if self.random.random() < 0.65 else None
        receivers = self.random.sample(ROUTED, 2 if self.random.random() < 0.2 else 1)
        parts = 0
        if kind == "payment":
            subject, receivers = None, ["H24.5"]
        if kind == "batch":
            parts = self.random.randint(1, 4)
            # Parts get their places when the batch is split, so they share no lane with whole messages.
            subject = subject and f"batch-{subject}"
        sent = Sent(f"vn.crash.{kind}", f"{self.name}-{self.count}", self.count, subject, receivers, parts)
        self.ledger.add(sent)
        return sent

    def document(self, sent: Sent) -> dict:
        pads = random.Random(sent.id)
        size = 40_000 if pads.random() < 0.05 else pads.randrange(400)
        pad = "x" * size + sent.id
        content = {"n": sent.number, "pad": pad, "mark": mark(pad)}
        return {"items": [{**content, "part": part + 1} for part in range(sent.parts)]} if sent.parts else content

    def attributes(self, sent: Sent) -> dict[str, str]:
        attributes = {
            "specversion": "1.0", "id": sent.id, "source": f"/{self.code}", "type": sent.type,
            "receiver": ",".join(sent.receivers),
        }
        return attributes | ({"subject": sent.subject} if sent.subject else {})

    async def hand_in(self, sent: Sent) -> None:
        fields = {f"ce-{name}": value for name, value in self.attributes(sent).items()}
        await self.insist([sent], "application/json", json.dumps(self.document(sent)).encode(), fields)

    async def hand_in_together(self, batch: list[Sent]) -> None:
        """All of them in one request: they are written down together or not at all."""
        events = [
            self.attributes(sent) | {"datacontenttype": "application/json", "data": self.document(sent)}
            for sent in batch
        ]
        await self.insist(batch, "application/cloudevents-batch+json", json.dumps(events).encode(), {})

    async def insist(self, batch: list[Sent], media_type: str, body: bytes, fields: dict[str, str]) -> None:
        """Sends until there is a receipt."""
        now = asyncio.get_running_loop().time
        for sent in batch:
            sent.first_sent = sent.first_sent or now()
        while True:
            try:
                token = await self.hub.token(self.code, self.client)
                headers = {"Authorization": f"Bearer {token}", "Content-Type": media_type, **fields}
                if self.random.random() < 0.02:
                    await self.client.send_and_go("POST", "/v1/exchanges", headers, body)
                answer = await self.client.ask("POST", "/v1/exchanges", headers, body)
            except NoAnswer:
                await asyncio.sleep(self.random.uniform(0.01, 0.1))
                continue
            if answer.status == 202:
                return self.take_receipts(batch, answer, now())
            if answer.status not in (429, 503):
                self.ledger.other.append(f"{batch[0].id} was answered {answer.status}: {answer.body[:300]!r}")
                return
            await asyncio.sleep(self.random.uniform(0.05, 0.2))

    def take_receipts(self, batch: list[Sent], answer: Message, now: float) -> None:
        receipts = json.loads(answer.body)
        receipts = receipts if isinstance(receipts, list) else [receipts]
        if len(receipts) != len(batch):
            self.ledger.other.append(f"{len(batch)} messages got {len(receipts)} receipts")
        for sent, receipt in zip(batch, receipts):
            if sent.receipt_at is not None and not receipt["duplicate"]:
                self.ledger.duplicated.append(f"{sent.id} has a receipt, and the hub took it again as new")
            self.ledger.receipt(sent, receipt["id"], receipt["receivedAt"], now)
