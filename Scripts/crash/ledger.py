"""What was sent, what has a receipt, and what took effect where: the crash test's memory, which no kill touches."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field

INTACT_DIGITS = 16


@dataclass
class Sent:
    """One message of a sender, and what became of it."""

    type: str
    id: str
    number: int
    subject: str | None
    receivers: list[str]
    parts: int
    first_sent: float = 0
    receipt_at: float | None = None
    exchange: str | None = None
    received_at: str | None = None

    def effects(self) -> list[tuple[str, str]]:
        """Id and receiver of each effect that it must have."""
        ids = [f"{self.exchange}#{part + 1}" for part in range(self.parts)] if self.parts else [self.id]
        return [(id, receiver) for id in ids for receiver in self.receivers]


@dataclass
class Ledger:
    """Counts, and the sentences that explain them."""

    sent: list[Sent] = field(default_factory=list)
    by_id: dict[str, Sent] = field(default_factory=dict)
    # (message id, receiver) -> the idempotency key under which it took effect
    effects: dict[tuple[str, str], str] = field(default_factory=dict)
    # (receiver, subject) -> message ids in the order of their first effect
    lanes: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    repeated: int = 0
    unexplained: int = 0
    duplicated: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)

    @property
    def receipts(self) -> int:
        return sum(1 for sent in self.sent if sent.receipt_at is not None)

    def add(self, sent: Sent) -> None:
        self.sent.append(sent)
        self.by_id[sent.id] = sent

    def receipt(self, sent: Sent, exchange: str, received_at: str, now: float) -> None:
        """A receipt came, be it the first or one for a repeat: both must say the same."""
        if sent.receipt_at is None:
            sent.receipt_at, sent.exchange, sent.received_at = now, exchange, received_at
        elif (sent.exchange, sent.received_at) != (exchange, received_at):
            self.duplicated.append(f"{sent.id} has two receipts, {sent.exchange} and {exchange}")

    def effect(
        self, id: str, receiver: str, subject: str | None, key: str, document: dict, checks_key: bool = True
    ) -> None:
        """A far side acts on a message, unless it knows the idempotency key and looks at it."""
        first = self.effects.get((id, receiver))
        if first is not None:
            if checks_key and first == key:
                self.repeated += 1
            else:
                self.duplicated.append(f"{id} took effect at {receiver} under {first} and again under {key}")
            return
        self.effects[(id, receiver)] = key
        if subject is not None:
            self.lanes[(receiver, subject)].append(id)
        if wrong := self.damage(id, document):
            self.lost.append(f"{id} reached {receiver} changed: {wrong}")

    def damage(self, id: str, document: dict) -> str | None:
        """What is wrong with the content that arrived."""
        if document.get("mark") != mark(document.get("pad", "")):
            return "its content is not what was sent"
        sent = self.by_id.get(id)
        if sent is None:
            return None
        if document.get("n") != sent.number:
            return f"it is number {document.get('n')} instead of {sent.number}"
        if sent.type == "vn.crash.mapped" and document.get("mapped") is not True:
            return "it was not mapped"
        if sent.type == "vn.crash.asked" and document.get("asked") != sent.number:
            return f"it carries the register's answer about {document.get('asked')}"
        return None

    def missing(self) -> list[tuple[Sent, str, str]]:
        """Effects that a receipt promises and that have not come."""
        return [
            (sent, id, receiver)
            for sent in self.sent if sent.receipt_at is not None
            for id, receiver in sent.effects() if (id, receiver) not in self.effects
        ]

    def check_order(self) -> None:
        """Whatever had its receipt before another one of its lane was sent took effect before that."""
        parts = {id: (sent, index) for sent in self.sent if sent.parts and sent.exchange
                 for index, (id, _) in enumerate(sent.effects())}
        for lane, ids in self.lanes.items():
            latest_start, latest = 0.0, ""
            last_part: dict[str, int] = {}
            for id in ids:
                if id in parts:
                    # Parts have no receipts of their own: they keep the order that they had in their message.
                    sent, index = parts[id]
                    if last_part.get(sent.id, -1) > index:
                        self.reordered.append(f"part {id} came too late in lane {lane}")
                    last_part[sent.id] = index
                    continue
                sent = self.by_id.get(id)
                if sent is None:
                    self.unexplained += 1
                    continue
                if sent.receipt_at is not None and sent.receipt_at < latest_start:
                    self.reordered.append(f"{id} took effect after {latest} in lane {lane}")
                if sent.first_sent > latest_start:
                    latest_start, latest = sent.first_sent, id


def mark(pad: str) -> str:
    return hashlib.sha256(pad.encode()).hexdigest()[:INTACT_DIGITS]
