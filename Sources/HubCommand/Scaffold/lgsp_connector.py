"""Speaks to LGSP Hub for a connector in Python: the standard library is all that it needs.

A connector derives from Connector, overrides what it can do, and calls serve(). The protocol is written down in
Documentation/connector-protocol.md; copy this file beside your own.
"""

import base64
import json
import sys


class Failure(Exception):
    """What the hub should do: verdict is retry, outage, reject or in-doubt; after is a number of seconds."""

    def __init__(self, verdict, code, reason, after=None):
        super().__init__(reason)
        self.verdict, self.code, self.reason, self.after = verdict, code, reason, after

    def shown(self):
        error = {"verdict": self.verdict, "code": self.code, "reason": self.reason}
        if self.after is not None:
            error["after"] = self.after
        return error


class Connector:
    name = ""
    version = "0.0.0"
    sources = []
    settings = {}

    def deliver(self, delivery):
        """One attempt. delivery["body"] has bytes. Returns {"code", "reference", "body"...}; raises Failure."""
        raise Failure("reject", "no-operation", "The connector takes no deliveries.")

    def poll(self, source, cursor, limit):
        """Returns {"items": [{"reference", "event", "body"}], "cursor", "hasMore"}."""
        return {"items": [], "cursor": cursor, "hasMore": False}

    def acknowledge(self, source, accepted, refused):
        """What became of the last page; may come again after a crash."""

    def probe(self):
        """Raises Failure when the far system is away."""


def log(level, text):
    """Level is E, W, I or D. Never put personal data here."""
    print(level + "! " + text, file=sys.stderr, flush=True)


def serve(connector):
    """Answers the hub until it closes our standard input."""
    takes_deliveries = type(connector).deliver is not Connector.deliver
    for line in sys.stdin.buffer:
        call = json.loads(line)
        method, params = call.get("method"), call.get("params") or {}
        if method == "shutdown":
            return
        if "id" not in call:
            continue
        try:
            result = _answer(connector, method, params, takes_deliveries)
            _say({"jsonrpc": "2.0", "id": call["id"], "result": result})
        except Failure as failure:
            _say({"jsonrpc": "2.0", "id": call["id"],
                  "error": {"code": -32000, "message": failure.reason, "data": failure.shown()}})
        except Exception as error:  # A slip of ours must not look like a slip of the far system.
            log("E", "%s: %s" % (method, type(error).__name__))
            _say({"jsonrpc": "2.0", "id": call["id"],
                  "error": {"code": -32603, "message": "%s in the connector" % type(error).__name__}})


def _answer(connector, method, params, takes_deliveries):
    if method == "initialize":
        connector.settings = params["settings"]
        return {"protocol": 1, "connector": connector.name, "version": connector.version,
                "capabilities": {"deliver": takes_deliveries, "sources": connector.sources}}
    if method == "deliver":
        for delivery in params["deliveries"]:
            _say({"jsonrpc": "2.0", "method": "settled", "params": _settle(connector, delivery)})
        return {}
    if method == "poll":
        return connector.poll(params["source"], params.get("cursor"), params["limit"])
    if method == "acknowledge":
        connector.acknowledge(params["source"], params["accepted"], params["refused"])
        return {}
    if method == "probe":
        connector.probe()
        return {}
    if method == "health":
        return {}
    raise Failure("reject", "no-method", "The connector knows no method %s." % method)


def _settle(connector, delivery):
    settled = {"id": delivery["id"]}
    try:
        if "bodyBase64" in delivery:
            delivery["body"] = base64.b64decode(delivery["bodyBase64"])
        else:
            delivery["body"] = delivery["body"].encode()
        settled.update(connector.deliver(delivery) or {})
        if isinstance(settled.get("body"), bytes):
            settled["bodyBase64"] = base64.b64encode(settled.pop("body")).decode()
    except Failure as failure:
        settled["error"] = failure.shown()
    except Exception as error:
        log("E", "deliver: %s" % type(error).__name__)
        settled["error"] = {"verdict": "in-doubt", "code": "connector-bug",
                            "reason": "%s in the connector" % type(error).__name__}
    return settled


def _say(message):
    sys.stdout.buffer.write(json.dumps(message, ensure_ascii=False).encode() + b"\n")
    sys.stdout.buffer.flush()
