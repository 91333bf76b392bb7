"""The 1022 hotline: statuses go out, feedback comes in."""

import json
import urllib.error
import urllib.parse
import urllib.request

from lgsp_connector import Connector, Failure, serve


class Hotline(Connector):
    name = "hotline-1022"
    version = "1.0.0"
    sources = ["feedback"]

    def request(self, method, path, body=None, headers=None, timeout=20):
        """Sends one request; an answer that is no success becomes a Failure."""
        request = urllib.request.Request(self.settings["url"].rstrip("/") + path, data=body, method=method)
        request.add_header("Authorization", "Bearer " + self.settings["token"])
        for key, value in (headers or {}).items():
            request.add_header(key, value)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise self.failure(error) from None
        except json.JSONDecodeError:
            raise Failure("in-doubt", "unreadable", "The hotline's answer is no JSON.") from None
        except (urllib.error.URLError, ConnectionRefusedError) as error:
            if isinstance(getattr(error, "reason", error), ConnectionRefusedError):
                raise Failure("outage", "unreachable", "The hotline takes no connection.") from None
            raise Failure("in-doubt", "no-answer", "The hotline's answer did not come.") from None
        except OSError:
            raise Failure("in-doubt", "no-answer", "The hotline's answer did not come whole.") from None

    @staticmethod
    def failure(error):
        after = error.headers.get("Retry-After", "")
        after = int(after) if after.isdigit() else None
        code = "http-%d" % error.code
        if error.code == 404:
            return Failure("reject", "no-such-feedback", "The hotline knows no feedback under this code.")
        if error.code in (400, 409, 413, 422):
            return Failure("reject", code, "The hotline refuses this status.")
        if error.code in (408, 425, 429, 500):
            return Failure("retry", code, "The hotline asks to try again.", after)
        return Failure("outage", code, "The hotline answered %d." % error.code, after)

    def deliver(self, delivery):
        code = urllib.parse.quote(delivery["event"].get("subject") or "-", safe="")
        headers = {"Idempotency-Key": '"%s"' % delivery["id"], "Content-Type": "application/json"}
        if "traceparent" in delivery["event"]:
            headers["traceparent"] = delivery["event"]["traceparent"]
        answer = self.request(
            "PUT", "/feedback/" + code + "/status", delivery["body"], headers, max(0.1, delivery["secondsLeft"]))
        if not isinstance(answer, dict) or answer.get("result") not in ("stored", "known"):
            raise Failure("in-doubt", "unclear", "The hotline did not say that it took the status.")
        return {"code": answer["result"]}

    def poll(self, source, cursor, limit):
        query = urllib.parse.urlencode({"after": cursor or "", "limit": limit})
        answer = self.request("GET", "/feedback?" + query)
        items = [self.item(entry) for entry in answer["items"]]
        return {"items": items, "cursor": answer["next"], "hasMore": answer["more"]}

    @staticmethod
    def item(entry):
        event = {
            "id": "feedback-" + entry["code"], "type": "vn.haiphong.feedback.received", "subject": entry["code"],
            "time": entry["at"], "datacontenttype": "application/json",
        }
        return {"reference": entry["code"], "event": event, "body": json.dumps(entry, ensure_ascii=False)}

    def probe(self):
        self.request("GET", "/feedback?limit=0")


serve(Hotline())
