import Foundation
import HubKit
import HubTesting
import Testing

/// Connectors in processes of their own, with real Python programs.
@Suite(.timeLimit(.minutes(3))) struct ProcessTests {
  private func numbered(_ number: Int, _ body: String = "{}") -> Delivery {
    var delivery = message(body, subject: "\(number)")
    delivery.id = "e.\(number)"
    return delivery
  }

  @Test func `A delivery reaches the program byte for byte, and its answer comes back`() async throws {
    let program = python(
      """
      event = delivery["event"]
      return {"code": "taken", "reference": event["subject"] + "/" + delivery["id"], "body": delivery["body"],
              "mediaType": "text/plain"}
      """)
    try await ProcessChild.with(program) { child in
      // Composed and decomposed Vietnamese, and bytes that are no text.
      for body in [Array("Nguyễn \u{1EA4}m \u{0041}\u{0302}\u{0301}m\n{\"a\": 1}".utf8), [0, 255, 10, 13]] {
        var delivery = message("", type: "application/octet-stream", asked: true)
        delivery.body = .inline(body)
        let reply = try await child.deliver(delivery).get()
        #expect(reply.code == "taken")
        #expect(reply.reference == "H24.12-2026/\(delivery.id)")
        #expect(reply.body == .inline(body))
      }
    }
  }

  @Test func `A failure has the verdict that the program gave`() async throws {
    let program = python(
      """
      verdict = delivery["event"]["subject"]
      raise Failure(verdict, "code-" + verdict, "Không được.", 7)
      """)
    try await ProcessChild.with(program) { child in
      let verdicts: [(String, AdapterError.Verdict)] = [
        ("retry", .retry(after: .seconds(7))), ("outage", .outage(after: .seconds(7))), ("reject", .reject),
        ("in-doubt", .inDoubt),
      ]
      for (word, verdict) in verdicts {
        let error = await child.deliver(message("{}", subject: word)).error
        #expect(error?.verdict == verdict)
        #expect(error?.code == "code-\(word)")
      }
    }
  }

  @Test func `A batch is settled one by one; after a kill midway the rest is in doubt and the same ids come again`()
    async throws
  {
    // The first time the program is killed amid its third delivery; it keeps what it did in a file.
    let program = python(
      """
      done = open("done", "a+")
      done.seek(0)
      seen = done.read().split()
      if delivery["id"] == "e.3" and not os.path.exists("killed"):
          open("killed", "w").close()
          os.kill(os.getpid(), signal.SIGKILL)
      if delivery["id"] not in seen:
          done.write(delivery["id"] + "\\n")
          done.flush()
      return {"code": "again" if delivery["id"] in seen else "first"}
      """)
    try await ProcessChild.with(program, manifest: "batch: 5") { child in
      // The program is there before the batch gathers.
      try await child.parts.outbound?.probe()
      let results = await withTaskGroup(of: (Int, Result<Reply, AdapterError>).self) { group in
        for number in 1...5 { group.addTask { (number, await child.deliver(numbered(number))) } }
        return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      let doubtful = results.filter { $0.value.error?.verdict == .inDoubt }.keys
      #expect(doubtful.contains(3))
      for (number, result) in results where result.code != nil { #expect(!doubtful.contains(number)) }
      // The bus sends the same again once the program is back.
      for number in results.keys.sorted() where results[number]?.code == nil {
        while true {
          let again = await child.deliver(numbered(number))
          if let code = again.code {
            #expect(code == "first")
            break
          }
          guard case .outage(let wait)? = again.error?.verdict else {
            Issue.record("\(again)")
            break
          }
          try await Task.sleep(for: wait ?? .milliseconds(50))
        }
      }
      let done = try String(contentsOfFile: "\(child.folder)/done", encoding: .utf8).split(separator: "\n")
      #expect(Set(done).count == 5 && done.count == 5)
    }
  }

  @Test func `Whoever gives up hears so at once, and the program's late word harms nobody`() async throws {
    let program = python(
      """
      if delivery["id"] == "e.1":
          while not os.path.exists("go"):
              time.sleep(0.01)
      return {"code": "done"}
      """)
    try await ProcessChild.with(program) { child in
      let first = Task { await child.deliver(numbered(1)) }
      // The program has it: the second waits behind it.
      let second = Task { await child.deliver(numbered(2)) }
      first.cancel()
      #expect(await first.value.error?.verdict == .cancelled)
      try Data().write(to: URL(filePath: "\(child.folder)/go"))
      #expect(await second.value.code == "done")
      #expect(await child.deliver(numbered(3)).code == "done")
    }
  }

  @Test func `The environment is what the manifest says, and nothing of the hub's`() async throws {
    setenv("LGSP_SECRET_OF_THE_HUB", "x", 1)
    let program = python(#"return {"code": "0", "reference": ",".join(sorted(os.environ))}"#)
    try await ProcessChild.with(program, manifest: "environment: {GREETING: xin chào}") { child in
      let names = try await child.deliver(message("{}")).get().reference?.split(separator: ",").map(String.init) ?? []
      #expect(Set(names).subtracting(["LC_CTYPE"]) == ["GREETING", "PATH"])
    }
  }

  @Test func `A secret reaches the program, and neither log nor error`() async throws {
    let program = python(
      """
      log("I", "số 031090000001 của ai đó")
      return {"code": "0", "reference": self.settings["token"]}
      """)
    let settings = ["token": SettingValue.secret(Secret(reference: "file:x", value: "bí-mật-123\n"))]
    try await ProcessChild.with(program, settings: settings) { child in
      let reply = try await child.deliver(message("{}")).get()
      #expect(reply.reference == "bí-mật-123")
      await child.lines.wait { $0.contains("của ai đó") }
      let lines = child.lines.lines.joined(separator: "\n")
      #expect(!lines.contains("bí-mật") && !lines.contains("031090000001"))
      #expect(lines.contains("info: số … của ai đó"))
    }
  }

  @Test func `When the endpoint ends, the program has ended too`() async throws {
    let program = python(#"return {"code": "0", "reference": str(os.getpid())}"#)
    let id = try await ProcessChild.with(program) { child in
      try #require(Int32(try await child.deliver(message("{}")).get().reference ?? ""))
    }
    #expect(kill(id, 0) == -1 && errno == ESRCH)
  }

  @Test func `A program that does not end when told is killed, with what it started`() async throws {
    let program = python(
      """
      import subprocess
      signal.signal(signal.SIGTERM, signal.SIG_IGN)
      child = subprocess.Popen(["sleep", "1000"])
      return {"code": "0", "reference": "%d %d" % (os.getpid(), child.pid)}
      """,
      more: """

        import threading
        threading.Thread(target=lambda: time.sleep(1000)).start()
        """)
    let ids = try await ProcessChild.with(program, manifest: "drain: 200ms") { child in
      try await child.deliver(message("{}")).get().reference?.split(separator: " ").compactMap { Int32($0) } ?? []
    }
    try #require(ids.count == 2)
    #expect(kill(ids[0], 0) == -1)
    // The grandchild is nobody's by now: init takes it away, or it waits for that.
    while kill(ids[1], 0) == 0, !isZombie(ids[1]) { await Task.yield() }
  }

  @Test func `A program that hangs over a call does not hold up the end for longer than it may`() async throws {
    let program = rawPython("greet()\nline()\nrest()")
    let (asked, ask) = AsyncStream<Void>.makeStream()
    let poll = try await ProcessChild.with(
      program.replacing("\"sources\": []", with: "\"sources\": [\"graves\"]"),
      manifest: "sources: [graves]\ndrain: 200ms"
    ) { child in
      let source = try #require(child.parts.sources.first)
      let poll = Task {
        ask.yield()
        return try? await source.poll(after: nil, limit: 1, bodies: MemoryBodyStore())
      }
      for await _ in asked { break }
      return poll
    }
    #expect(await poll.value == nil)
  }

  private func isZombie(_ id: Int32) -> Bool {
    let stat = (try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)) ?? ") Z"
    return stat.split(separator: ")").last?.contains(" Z ") ?? true
  }

  @Test func `Memory beyond the limit is refused to the program, and only it suffers`() async throws {
    let program = python(
      """
      kept = b"x" * (1 << 30)
      return {"code": str(len(kept))}
      """)
    try await ProcessChild.with(program, manifest: "memoryMax: 256MiB") { child in
      let error = await child.deliver(message("{}")).error
      #expect(error?.verdict == .inDoubt)
      #expect(error?.reason.contains("MemoryError") == true)
      try await child.parts.outbound?.probe()
    }
  }

  @Test func `A source is asked from its cursor, and told what became of its page`() async throws {
    let program = python(
      "return {}",
      more: """

            sources = ["graves"]
            def poll(self, source, cursor, limit):
                event = {"id": "g-1", "type": "vn.x", "sender": "H24.12", "datacontenttype": "text/plain"}
                return {"items": [{"reference": "r1", "event": event, "body": "Ấm %s %d" % (cursor, limit)}],
                        "cursor": "18", "hasMore": True}
            def acknowledge(self, source, accepted, refused):
                open("acknowledged", "w").write(json.dumps([source, accepted, [r["code"] for r in refused]]))
        """)
    try await ProcessChild.with(program, manifest: "sources: [graves]") { child in
      let source = try #require(child.parts.sources.first)
      let page = try await source.poll(after: "17", limit: 3, bodies: MemoryBodyStore())
      #expect(page.cursor == "18" && page.hasMore)
      #expect(page.items.map(\.reference) == ["r1"])
      #expect(page.items.first?.body == .inline(Array("Ấm 17 3".utf8)))
      #expect(page.items.first?.envelope.sender?.text == "H24.12")
      try await source.acknowledge(page, refusals: [:])
      #expect(try String(contentsOfFile: "\(child.folder)/acknowledged", encoding: .utf8) == #"["graves", ["r1"], []]"#)
      try await source.acknowledge(page, refusals: [0: NotAccepted(.noRoute, "x")])
      #expect(
        try String(contentsOfFile: "\(child.folder)/acknowledged", encoding: .utf8) == #"["graves", [], ["no-route"]]"#)
    }
  }
}
