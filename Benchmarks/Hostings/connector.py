"""Hands deliveries to the benchmark's receiver, over one connection that stays open."""

import http.client
import os
import urllib.parse

from lgsp_connector import Connector, Failure, serve


class Receiver(Connector):
    # The folder is the connector's name; the same program serves two of them.
    name = os.path.basename(os.getcwd())
    version = "1.0.0"
    connection = None

    def deliver(self, delivery):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.settings["url"]).netloc, timeout=20)
        try:
            self.connection.request(
                "POST", "/deliver", delivery["body"],
                {"ce-id": delivery["event"]["id"], "Content-Type": "application/json"})
            answer = self.connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise Failure("in-doubt", "no-answer", "The receiver's answer did not come.") from None
        if answer.status // 100 != 2:
            raise Failure("outage", "http-%d" % answer.status, "The receiver answered %d." % answer.status)
        return {"code": str(answer.status)}


serve(Receiver())
