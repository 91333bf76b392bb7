internal import HubKit

/// The files of a new connector: each works as it is written, and says where to change it.
struct ConnectorScaffold {
  /// Name in `connector:`, as in `cemetery-register`.
  let name: String
  /// Name of the module, as in `CemeteryRegister`.
  let typeName: String

  /// The files by path below the connector's folder.
  func files(_ hosting: ConnectorKind.Hosting) -> [String: String] {
    switch hosting {
    case .manifest:
      [
        "manifest.yaml": head + settings + http, "mock.yaml": mock, "contract.yaml": contract(streams: true),
        "README.md": readme("`manifest.yaml`", "`lgsp connector test \(name)`"),
      ]
    case .process:
      [
        "manifest.yaml": head + settings + process, "connector.py": python,
        "lgsp_connector.py": String(decoding: PackageResources.lgsp_connector_py, as: UTF8.self), "mock.yaml": mock,
        "contract.yaml": contract(streams: false),
        "README.md": readme("`connector.py`", "`lgsp connector test \(name)`"),
      ]
    case .module: swiftFiles
    }
  }

  /// What to do now.
  func next(_ hosting: ConnectorKind.Hosting, folder: String) -> String {
    switch hosting {
    case .manifest, .process:
      """

      Thử ngay / try it:  lgsp connector test \(folder)
      Sau đó sửa / then change: manifest.yaml\(hosting == .process ? ", connector.py" : ""), mock.yaml, contract.yaml
      """
    case .module:
      """

      Thêm năm dòng / add five lines:
        Package.swift, `installed`:   "\(typeName)",
        Package.swift, `connectors`:  connector("\(typeName)", tests: [logging]),
        Sources/lgsp/main.swift:      import \(typeName); \(typeName)Connector.self in `connectors`
                                      import \(typeName)Mock; \(typeName)Mock.self in `mocks`
                                      import \(typeName)Contract; \(typeName)Contract.self in `contracts`
        Tests/ArchitectureTests/ImportTable.swift, `wires`:  "\(typeName)": [],
      Rồi / then:  swift build, lgsp connector test \(name)
      """
    }
  }

  // MARK: - Manifest

  private var head: String {
    """
    # Hệ thống đích là gì, của ai, giao thức ở đâu ra: viết vào README.md.
    # What the far system is, whose it is, where its protocol is written down: README.md.
    connector: \(name)
    version: 0.1.0
    summary: The far system in a sentence.
    level: C

    """
  }

  private var settings: String {
    """

    settings:
      url:
        kind: url
        required: true
        example: https://far.example
        help: Base URL of the far system.
      token:
        kind: secret
        required: true
        example: file:/etc/lgsp/\(name).token
        help: Bearer token that the far system gave out.

    events:
      vn.example.item.received: The far system has a new item.


    """
  }

  private var http: String {
    """
    http:
      base: "{url}"
      authentication: {bearer: {token: token}}

      operations:
        - name: put
          summary: Stores an item.
          method: PUT
          path: /items/{envelope.subject}
          answer: {success: '.body.result | IN("stored", "known")'}

      probe: {path: /health}

      errors:
        - {status: 422, verdict: reject, code: refused, reason: The far system refuses this item.}

      sources:
        - name: items
          path: /items
          query: {after: "{cursor}", limit: "{limit}"}
          events: '.body.items | map({id: "item-\\(.code)", type: "vn.example.item.received", subject: .code, data: .})'
          cursor: .body.next
          more: .body.more

    """
  }

  private var process: String {
    """
    process:
      command: [python3, connector.py]
      environment: {LANG: C.UTF-8, PYTHONDONTWRITEBYTECODE: "1"}
      sources: [items]

    """
  }

  /// The far system's side, the same for both.
  private var mock: String {
    #"""
    # Hệ thống đích, do hub đóng vai / the far system as the hub plays it:  lgsp mock NAME --port 0
    settings:
      token: {kind: text, default: mock-token, example: mock-token, help: The token that it knows.}

    state: '{taken: {}, items: ["A-1", "A-2", "A-3"]}'

    rules:
      - {path: /health, answer: {status: 204}}
      - path: /items
        when: .headers.authorization != "Bearer \(.settings.token)"
        answer: {status: 401}
      - path: /items/{code}
        when: .headers.authorization != "Bearer \(.settings.token)"
        answer: {status: 401}

      - method: PUT
        path: /items/{code}
        when: .variables.code == "refused"
        answer: {status: 422}
      - method: PUT
        path: /items/{code}
        when: .state.taken[.headers["idempotency-key"]] != null
        answer: {body: '{result: "known"}'}
      - method: PUT
        path: /items/{code}
        state: '.state.taken[.headers["idempotency-key"]] = .variables.code | .state'
        answer: {status: 201, body: '{result: "stored"}'}

      - method: GET
        path: /items
        answer:
          body: |
            (.query.after // "" | if . == "" then 0 else tonumber end) as $after
            | (.query.limit | tonumber) as $limit | .state.items as $all
            | { items: ($all[$after : $after + $limit] | map({code: ., text: "Ấm"})),
                next: ([$after + $limit, ($all | length)] | min | tostring),
                more: ($after + $limit < ($all | length)) }

    """#.replacing("NAME", with: name)
  }

  private func contract(streams: Bool) -> String {
    #"""
    # Cách chứng minh / how it is proved:  lgsp connector test NAME
    settings: {url: "{url}", token: mock-token}
    delivery: '{type: "vn.example.item", subject: "item-\(.n)", data: {text: .text}}'
    refused: '{type: "vn.example.item", subject: "refused", data: {text: .text}}'
    received: {jq: .taken | to_entries}
    offered: [OFFERED]
    streams: STREAMS

    """#.replacing("NAME", with: name).replacing("STREAMS", with: "\(streams)")
      .replacing("OFFERED", with: streams ? "item-A-1, item-A-2, item-A-3" : "A-1, A-2, A-3")
  }

  func readme(_ place: String, _ test: String) -> String {
    """
    # `\(name)`

    | | |
    |---|---|
    | System | |
    | Owner | |
    | Protocol | and where it is written down |
    | Level | **C**: assumed by us until it was checked against the real thing |

    Change \(place) for what the far system wants, the mock for what it answers, then: \(test).

    ## What answers mean

    | Answer | Verdict |
    |---|---|
    | 2xx that says so | success |
    | 422 | reject |
    | 429, 500 | retry, after `Retry-After` |
    | 401, 404, 503 | outage |

    """
  }

  // MARK: - Process

  private var python: String {
    #"""
    """The far system: items go out, items come in."""

    import json
    import urllib.error
    import urllib.parse
    import urllib.request

    from lgsp_connector import Connector, Failure, serve


    class Far(Connector):
        name = "NAME"
        version = "0.1.0"
        sources = ["items"]

        def request(self, method, path, body=None, headers=None, timeout=20):
            request = urllib.request.Request(self.settings["url"].rstrip("/") + path, data=body, method=method)
            request.add_header("Authorization", "Bearer " + self.settings["token"])
            for key, value in (headers or {}).items():
                request.add_header(key, value)
            try:
                with urllib.request.urlopen(request, timeout=timeout) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                after = error.headers.get("Retry-After", "")
                verdict = {422: "reject", 429: "retry", 500: "retry"}.get(error.code, "outage")
                raise Failure(verdict, "http-%d" % error.code, "The far system answered %d." % error.code,
                              int(after) if after.isdigit() else None) from None
            except urllib.error.URLError as error:
                gone = isinstance(error.reason, ConnectionRefusedError)
                raise Failure("outage" if gone else "in-doubt", "no-answer", "No answer came.") from None
            except (OSError, ValueError):
                raise Failure("in-doubt", "unreadable", "The answer did not come whole, or is no JSON.") from None

        def deliver(self, delivery):
            code = urllib.parse.quote(delivery["event"].get("subject") or "-", safe="")
            headers = {"Idempotency-Key": '"%s"' % delivery["id"], "Content-Type": "application/json",
                       "traceparent": delivery["event"].get("traceparent", "")}
            left = max(0.1, delivery["secondsLeft"])
            answer = self.request("PUT", "/items/" + code, delivery["body"], headers, left)
            if not isinstance(answer, dict) or answer.get("result") not in ("stored", "known"):
                raise Failure("in-doubt", "unclear", "The far system did not say that it took the item.")
            return {"code": answer["result"]}

        def poll(self, source, cursor, limit):
            query = urllib.parse.urlencode({"after": cursor or "", "limit": limit})
            answer = self.request("GET", "/items?" + query)
            items = [{"reference": item["code"], "body": json.dumps(item, ensure_ascii=False),
                      "event": {"id": "item-" + item["code"], "type": "vn.example.item.received",
                                "subject": item["code"], "datacontenttype": "application/json"}}
                     for item in answer["items"]]
            return {"items": items, "cursor": answer["next"], "hasMore": answer["more"]}

        def probe(self):
            self.request("GET", "/health")


    serve(Far())

    """#.replacing("NAME", with: name)
  }
}
