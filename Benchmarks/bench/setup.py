"""Starts each peer once and sends ten messages through it: what `Benchmarks/setup` ends with."""

import os
import shutil
import sys

from . import bodies, peers
from .processes import Failure, end_with_us, say, stop_all
from .tools import TOP, Sink


def main():
    folder = TOP / "Data" / "bench" / f"setup-{os.getpid()}"
    folder.mkdir(parents=True)
    end_with_us()
    wrong = 0
    try:
        sink = Sink(folder)
        body = folder / "1024.json"
        body.write_bytes(bodies.json_dossier(1024))
        for kind in peers.ALL:
            try:
                try_peer(kind, folder, sink, body)
            except Failure as failure:
                wrong += 1
                say(f"  {kind.name}: {failure}")
    finally:
        stop_all()
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


def try_peer(kind, folder, sink, body):
    missing = kind.missing()
    if missing:
        raise Failure(f"thiếu / missing: {', '.join(missing)}")
    peer = kind(folder, sink, body)
    try:
        peer.start()
        sink.reset()
        peer.wait(peer.load(1, total=10)["ok"])
    finally:
        peer.stop()
    say(f"  {kind.name}: được / works")


if __name__ == "__main__":
    sys.exit(main())
