import Foundation
import HubGateway
import HubKit
import HubTesting
import Testing

@Suite struct ProtocolTests {
  @Test(arguments: [
    "rubbish\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET  HTTP/1.1\r\n\r\n",
    "G\u{1}T / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nbad header\r\n\r\n", "GET / HTTP/1.1\r\nA: b\u{0}c\r\n\r\n",
    "POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ])
  func `what breaks HTTP is answered with a problem and the connection is closed`(request: String)
    async throws
  {
    try await Door.open { door in
      let answers = try await door.raw([Array(request.utf8)])
      #expect(answers.count == 1)
      let answer = try #require(answers.first)
      #expect(answer.status == 400)
      #expect(answer.problem == "/problems/bad-request")
      #expect(answer.headers["connection"] == "close")
    }
  }

  @Test func `a bad chunk breaks the request, and nothing is kept`() async throws {
    try await Door.open { door in
      let head = """
        POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try await door.token())\r
        ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /a\r\nce-type: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz
        """
      let answers = try await door.raw([Array((head + "\r\n").utf8)])
      #expect(answers.map(\.status) == [400])
      #expect(door.hub.messages.isEmpty)
    }
  }

  @Test func `header sections that are too large get 431`() async throws {
    try await Door.open { door in
      let large = (1...10).map { "x-\($0): \(String(repeating: "y", count: 10_000))\r\n" }.joined()
      let many = (1...200).map { "x-\($0): y\r\n" }.joined()
      for fields in [large, many] {
        let answers = try await door.raw([
          Array("GET /health HTTP/1.1\r\nHost: x\r\n\(fields)\r\n".utf8)
        ])
        #expect(answers.map(\.status) == [431])
        #expect(answers.first?.problem == "/problems/header-too-large")
      }
    }
  }

  @Test func `requests on one connection are answered in order`() async throws {
    try await Door.open { (door: Door) async throws in
      let one = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
      let last = "GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      #expect(
        try await door.raw([Array((one + one + last).utf8)]).map(\.status) == [200, 200, 404])
    }
  }

  @Test(arguments: ["", "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: "])
  func `a connection that does not come to the point is closed, however its bytes trickle`(
    start: String
  ) async throws {
    try await Door.open {
      $0.headTimeout = .milliseconds(400)
    } _: { door in
      let port = door.port
      let closed = try await offPool {
        let socket = try ClientSocket(port: port, receiveSeconds: 0, receiveMicroseconds: 50_000)
        _ = socket.send(Array(start.utf8))
        for _ in 0..<100 {
          if socket.isClosedByPeer() { return true }
          if !start.isEmpty, !socket.send([UInt8(ascii: "y")]) { return true }
        }
        return false
      }
      #expect(closed)
    }
  }

  @Test func `connections beyond the limit wait until another one ends`() async throws {
    try await Door.open {
      $0.connectionsMax = 1
    } _: { door in
      let port = door.port
      let request = Array("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
      let (before, after) = try await offPool {
        var first: ClientSocket? = try ClientSocket(port: port)
        _ = first?.send(Array("GET /health HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        _ = first?.receiveAll(enough: 1)
        let second = try ClientSocket(port: port, receiveSeconds: 0, receiveMicroseconds: 300_000)
        _ = second.send(request)
        let before = second.receiveAll(enough: 1)
        first = nil
        var after: [UInt8] = []
        for _ in 0..<50 where after.isEmpty { after = second.receiveAll() }
        return (before, after)
      }
      #expect(before.isEmpty)
      #expect(Answer.all(after).map(\.status) == [200])
    }
  }

  @Test func `random bytes never hurt the door`() async throws {
    try await Door.open { door in
      let port = door.port
      var random = SeededRandom(seed: 42)
      let token = try await door.token()
      let valid = Array(
        """
        POST /v1/exchanges HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nce-specversion: 1.0\r\nce-id: 1\r
        ce-source: /a\r\nce-type: t\r\nContent-Type: application/cloudevents+json\r\nContent-Length: 50\r\n\r
        {"specversion":"1.0","id":"1","source":"/a","x":1}
        """.utf8)
      let inputs: [[UInt8]] = (0..<300).map { round in
        guard round % 2 == 0 else {
          return (0..<Int.random(in: 1...2000, using: &random)).map { _ in
            .random(in: 0...255, using: &random)
          }
        }
        var changed = valid
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          changed[Int.random(in: 0..<changed.count, using: &random)] = .random(
            in: 0...255, using: &random)
        }
        return changed
      }
      let statuses = try await offPool {
        try inputs.flatMap { input in
          let socket = try ClientSocket(port: port)
          _ = socket.send(input)
          socket.endSending()
          return Answer.all(socket.receiveAll()).map(\.status)
        }
      }
      #expect(statuses.count > 200)
      #expect(statuses.allSatisfy { (200..<500).contains($0) }, "\(statuses.filter { $0 >= 500 })")
      #expect(try await door.send("GET", "/health").status == 200)
    }
  }

  @Test func `a request under way is answered before the door closes`() async throws {
    try await Door.open { door in
      let barrier = Barrier()
      door.hub.barrier.value = barrier
      async let answer = door.post()
      await barrier.waitUntilReached()
      await door.shutDown()
      barrier.open()
      let status = try await answer.status
      #expect(status == 202)
    }
  }

  @Test func `a port that is taken is told with what to do`() async throws {
    try await Door.open { (door: Door) async throws in
      let address = ListenAddress(port: door.port)
      let error = await #expect(throws: GatewayStartError.self) {
        try await Door.open {
          $0.plainAddress = address
        } _: { _ in
        }
      }
      #expect(error == .addressTaken(address))
      #expect(error?.description.contains("127.0.0.1:\(door.port)") == true)
    }
  }

  @Test func `an address of another machine is told as such`() async throws {
    let address = ListenAddress(host: "192.0.2.1", port: 0)
    let error = await #expect(throws: GatewayStartError.self) {
      try await Door.open {
        $0.plainAddress = address
      } _: { _ in
      }
    }
    guard case .addressUnknown(address, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a door without any address is refused`() async {
    await #expect(throws: GatewayStartError.noAddress) {
      try await Door.open {
        $0.plainAddress = nil
      } _: { _ in
      }
    }
  }
}
