import Foundation
import HubGateway
import HubKit
import Testing

@Suite struct BodyLimitTests {
  private func head(_ door: Door, _ fields: String) async throws -> [UInt8] {
    let token = try await door.token()
    let text = """
      POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nce-specversion: 1.0\r
      ce-id: 1\r\nce-source: /a\r\nce-type: t\r\nContent-Type: application/octet-stream\r\n\(fields)\r\n\r\n
      """
    return Array(text.utf8)
  }

  @Test(arguments: [(0, false), (16_384, false), (16_385, true), (1 << 20, true)])
  func `small bodies are carried along, large ones go to the store`(byteCount: Int, stored: Bool)
    async throws
  {
    try await Door.open { door in
      let text = String((0..<byteCount).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 23))) })
      #expect(try await door.post([:], text).status == 202)
      let body = try #require(door.hub.messages.first?.body)
      #expect(body.byteCount == byteCount)
      #expect(try door.hub.store.bytes(of: body, limit: .max) == Array(text.utf8))
      #expect(door.hub.store.count.value == (stored ? .init(begun: 1, finished: 1) : .init()))
      if case .stored(let reference) = body { #expect(reference.mediaType == "application/json") }
    }
  }

  @Test func `an upload that announces too much is refused before it is sent`() async throws {
    try await Door.open { door in
      let head = try await head(door, "Content-Length: 1048577\r\nExpect: 100-continue")
      let answers = try await door.raw([head], halfClose: true)
      #expect(answers.map(\.status) == [413])
      #expect(answers.first?.problem == "/problems/too-large")
      #expect(answers.first?.headers["connection"] == "close")
      #expect(door.hub.store.count.value == .init())
    }
  }

  @Test func `an upload that turns out too large is refused, and nothing is stored`() async throws {
    try await Door.open { door in
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).bin")
      try Data(repeating: 7, count: 6 << 20).write(to: file)
      defer { try? FileManager.default.removeItem(at: file) }
      for encoding in ["Transfer-Encoding: chunked", "X-None: 0"] {
        let curl = try await run(
          "curl",
          [
            "-sS", "--http1.1", "-w", "\n%{http_code}", "-H",
            "Authorization: Bearer \(try await door.token())",
            "-H", "ce-specversion: 1.0", "-H", "ce-id: 1", "-H", "ce-source: /a", "-H",
            "ce-type: t", "-H", encoding,
            "-H", "Expect:", "--data-binary", "@\(file.path())",
            "http://127.0.0.1:\(door.port)/v1/exchanges",
          ])
        #expect(curl.code == 0, "the caller sees the answer, not a broken connection")
        #expect(curl.output.hasSuffix("\n413"))
      }
      #expect(door.hub.messages.isEmpty)
      #expect(door.hub.store.bodies.value.isEmpty)
      let count = door.hub.store.count.value
      #expect(count.begun == 1 && count.finished == 0 && count.discarded == 1)
    }
  }

  @Test func `a caller that sends on and on after a refusal is cut off`() async throws {
    try await Door.open {
      $0.lingerTimeout = .milliseconds(300)
    } _: { door in
      let head = try await head(door, "Transfer-Encoding: chunked")
      let port = door.port
      let (sent, answer) = try await offPool {
        let socket = try ClientSocket(port: port)
        guard socket.send(head) else { return (0, [UInt8]()) }
        let chunk =
          Array("10000\r\n".utf8) + [UInt8](repeating: 1, count: 65_536) + Array("\r\n".utf8)
        var sent = 0
        while sent < 4_000, socket.send(chunk) { sent += 1 }
        return (sent, socket.receiveAll())
      }
      #expect(sent < 4_000, "250 MB were not read")
      _ = answer
      #expect(door.hub.messages.isEmpty)
    }
  }

  @Test func `a caller that waits for 100 Continue is told, once it has shown a token`()
    async throws
  {
    try await Door.open { door in
      let head = try await head(
        door, "Content-Length: 4\r\nConnection: close\r\nExpect: 100-continue")
      let port = door.port
      let bytes = try await offPool {
        let socket = try ClientSocket(port: port)
        _ = socket.send(head)
        let first = socket.receiveAll(enough: 1)
        _ = socket.send(Array("body".utf8))
        return first + socket.receiveAll()
      }
      #expect(Answer.all(bytes).map(\.status) == [100, 202])
      #expect(door.hub.messages.first?.body == .inline(Array("body".utf8)))
      let without =
        "POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
      #expect(try await door.raw([Array(without.utf8)], halfClose: true).map(\.status) == [401])
    }
  }

  @Test(arguments: ["Content-Length: 100000", "Transfer-Encoding: chunked"])
  func `an upload that breaks off leaves nothing`(framing: String) async throws {
    try await Door.open { door in
      let start = framing.hasPrefix("T") ? Array("186a0\r\n".utf8) : []
      let part = start + [UInt8](repeating: 5, count: 50_000)
      let answers = try await door.raw([try await head(door, framing), part], halfClose: true)
      #expect(answers.allSatisfy { $0.status == 400 })
      #expect(door.hub.messages.isEmpty)
      #expect(door.hub.store.bodies.value.isEmpty)
      let count = door.hub.store.count.value
      #expect(count.finished == 0)
      #expect(count.begun == count.discarded)
    }
  }

  @Test func `a body that does not come in time is refused`() async throws {
    try await Door.open {
      $0.bodyTimeout = .milliseconds(300)
    } _: { door in
      let answers = try await door.raw([
        try await head(door, "Content-Length: 10"), Array("abc".utf8),
      ])
      #expect(answers.map(\.status) == [408])
      #expect(answers.first?.problem == "/problems/timeout")
      #expect(door.hub.messages.isEmpty)
    }
  }

  @Test(arguments: [
    (BodyError.full, 507, "/problems/full"), (.io("broken"), 503, "/problems/unavailable"),
  ])
  func `a store that cannot write is told as the hub's fault`(
    failure: BodyError, status: Int, type: String
  ) async throws {
    try await Door.open { door in
      door.hub.store.failure.value = failure
      let answer = try await door.post([:], String(repeating: "x", count: 20_000))
      #expect(answer.status == status)
      #expect(answer.problem == type)
      #expect(try answer.object()["origin"] as? String == "hub")
      #expect(!answer.text.contains("broken"), "what the disk said is for the log")
      #expect(door.hub.store.count.value.discarded == 1)
    }
  }
}
