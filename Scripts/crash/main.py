"""Kills a real hub at random moments under load, starts it again, and counts what was lost, doubled or out of order.

Started by Scripts/crash-test, which says how. Progress goes to standard error; one JSON object is the only thing on
standard output."""

import argparse
import asyncio
import json
import random
import shutil
import signal
import sys
import tempfile
import time

from far_sides import Fetcher, Receiver, Register
from ledger import Ledger, Sent
from senders import Sender
from town import SENDERS, Hub, HubFailed
from wire import Client, NoAnswer

# Without any progress for so long, what is still missing counts as lost.
PATIENCE = 60.0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class CrashTest:
    """All rounds, and the count at the end."""

    def __init__(self, lgsp: str, rounds: int, seed: int, folder: str):
        self.rounds, self.seed = rounds, seed
        self.ledger = Ledger()
        self.hub = Hub(lgsp, folder)
        self.steady = Receiver("steady", self.ledger, seed, faults=0)
        self.flaky = Receiver("flaky", self.ledger, seed, faults=0.25)
        self.payments = Receiver("payments", self.ledger, seed, faults=0.1, checks_key=False)
        self.register = Register("register", self.ledger, seed, faults=0.1)
        self.far_sides = [self.steady, self.flaky, self.payments, self.register]
        self.senders = [
            Sender(f"s{number}", SENDERS[number % len(SENDERS)], self.hub, self.ledger, seed) for number in range(8)
        ]
        self.parked = 0
        self.start_seconds = 1.0

    async def run(self) -> None:
        for far_side in self.far_sides:
            await far_side.server.open()
        self.hub.prepare({far_side.name: far_side.server.port for far_side in self.far_sides})
        bad_days = asyncio.create_task(self.flaky.have_bad_days())
        fetching = asyncio.create_task(Fetcher("H24.6", self.hub, self.ledger, self.seed).run())
        sending = [asyncio.create_task(sender.run()) for sender in self.senders]
        try:
            for number in range(1, self.rounds + 1):
                await self.round(number)
            self.hub.start()
            await self.hub.ready()
            bad_days.cancel()
            await self.flaky.server.open()
            for sender in self.senders:
                sender.stops = True
            await asyncio.gather(*sending)
            for far_side in self.far_sides:
                far_side.recover()
            await self.settle()
            await self.stop()
        finally:
            for task in [bad_days, fetching, *sending]:
                task.cancel()
            await asyncio.gather(bad_days, fetching, *sending, return_exceptions=True)
            for far_side in self.far_sides:
                far_side.server.close()

    async def round(self, number: int) -> None:
        """Starts the hub and kills it: under load, before it is ready, or while it drains."""
        chance = random.Random(self.seed + number - 1)
        moment = chance.choices(["load", "start", "drain"], [60, 25, 15])[0]
        self.hub.start()
        started = time.monotonic()
        if moment == "start":
            wait = chance.uniform(0, 1.2) * self.start_seconds
            await asyncio.sleep(wait)
        else:
            await self.hub.ready()
            self.start_seconds = time.monotonic() - started
            wait = chance.uniform(0.02, 1.5)
            await asyncio.sleep(wait)
        if moment == "drain":
            self.hub.send_signal(signal.SIGTERM)
            wait = chance.uniform(0, 0.5)
            await asyncio.sleep(wait)
        self.hub.send_signal(signal.SIGKILL)
        status = await self.hub.ended(within=10)
        if status not in (-signal.SIGKILL, 0) or status == 0 and moment != "drain":
            raise HubFailed(f"the hub ended by itself with {status}:\n{self.hub.log_end()}")
        say(
            f"vòng/round {number}/{self.rounds}, hạt giống/seed {self.seed + number - 1}: kill -9 {moment} "
            f"+{wait:.2f} s; biên nhận/receipts {self.ledger.receipts}, đến nơi/effects {len(self.ledger.effects)}, "
            f"gửi lặp/repeated {self.ledger.repeated}")

    async def settle(self) -> None:
        """Waits until every receipt has come to its end, both here and in the hub's own words."""
        open = [sent for sent in self.ledger.sent if sent.receipt_at is not None]
        say(f"đợi kết thúc/waiting for the end of {len(open)} receipts")
        last, last_progress = None, time.monotonic()
        clients = [Client(self.hub.port) for _ in range(4)]
        while open and time.monotonic() < last_progress + PATIENCE:
            shares = [open[number :: len(clients)] for number in range(len(clients))]
            found = await asyncio.gather(*(self.still_open(*pair) for pair in zip(clients, shares)))
            open = [sent for share in found for sent in share]
            if (state := (len(open), len(self.ledger.effects))) != last:
                last, last_progress = state, time.monotonic()
            if open:
                await asyncio.sleep(0.2)
        for client in clients:
            client.close()
        for sent in open:
            self.ledger.lost.append(f"{sent.id}, exchange {sent.exchange}, has not come to an end")
        for sent, id, receiver in self.ledger.missing():
            if sent.type != "vn.crash.payment" and sent not in open:
                self.ledger.lost.append(f"{id} has not reached {receiver}; exchange {sent.exchange} has ended")
        self.ledger.check_order()

    async def still_open(self, client: Client, share: list[Sent]) -> list[Sent]:
        left = []
        for sent in share:
            try:
                token = await self.hub.token(SENDERS[int(sent.id[1]) % len(SENDERS)], client)
                answer = await client.ask(
                    "GET", f"/v1/exchanges/{sent.exchange}", {"Authorization": f"Bearer {token}"})
            except NoAnswer:
                left.append(sent)
                continue
            if answer.status != 200:
                self.ledger.lost.append(f"{sent.id}: the hub answers {answer.status} about exchange {sent.exchange}")
            elif not self.has_ended(sent, json.loads(answer.body)):
                left.append(sent)
        return left

    def has_ended(self, sent: Sent, view: dict) -> bool:
        if view["state"] in ("received", "underway"):
            return False
        if view["state"] == "delivered":
            return True
        states = {delivery["state"] for delivery in view["deliveries"]}
        if sent.type == "vn.crash.payment" and states == {"parked"}:
            # In doubt: at most one attempt was made, and a person is to look at it.
            self.parked += 1
        else:
            self.ledger.lost.append(f"{sent.id} ended as {view['state']}: {view.get('reason')}")
        return True

    async def stop(self) -> None:
        self.hub.send_signal(signal.SIGTERM)
        if (status := await self.hub.ended(within=30)) != 0:
            raise HubFailed(f"after SIGTERM the hub ended with {status}:\n{self.hub.log_end()}")
        verified = json.loads(self.hub.command("journal", "verify", "--json").stdout)
        say(f"lgsp journal verify: {verified}")
        if not verified["whole"]:
            raise HubFailed(f"the journal is broken: {verified}")

    def verdict(self, seconds: float) -> dict:
        ledger = self.ledger
        return {
            "rounds": self.rounds, "seed": self.seed, "receipts": ledger.receipts, "lost": len(ledger.lost),
            "duplicated": len(ledger.duplicated), "reordered": len(ledger.reordered), "repeated": ledger.repeated,
            "parked": self.parked, "effects": len(ledger.effects), "otherFailures": len(ledger.other),
            "seconds": round(seconds, 1),
        }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lgsp", required=True)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    # Whoever ends this by a signal ends what it started, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    folder = tempfile.mkdtemp(prefix="lgsp-crash-")
    test = CrashTest(options.lgsp, options.rounds, options.seed, folder)
    started = time.monotonic()
    try:
        asyncio.run(test.run())
    except HubFailed as failure:
        test.ledger.other.append(str(failure))
    finally:
        test.hub.close()
    ledger = test.ledger
    complaints = ledger.lost + ledger.duplicated + ledger.reordered + ledger.other
    for complaint in complaints[:50]:
        say(f"✗ {complaint}")
    if complaints or options.keep:
        say(f"giữ lại/kept: {folder}")
    else:
        shutil.rmtree(folder)
    print(json.dumps(test.verdict(time.monotonic() - started)), flush=True)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
