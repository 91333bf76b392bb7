import Glibc
import HubKit
import HubMock
import Logging
import ServiceLifecycle
import Testing

@Suite("A mock on a real socket")
struct MockHostTests {
  @Test func `hears method, decoded path, query in order, header fields in order and the body`() async throws {
    let echo = Echo()
    let answer = try await withMock(echo) { port, _ in
      await RawClient(port: port).exchange(
        "POST /v1/h%E1%BB%93%20s%C6%A1/a%2Fb?b=2&a=x%26y+z&b=&c HTTP/1.1\r\nHost: mock\r\nX-Zeta: 1\r\n"
          + "x-alpha: 2\r\nX-Zeta: 3\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
    }
    let request = try #require(echo.requests.first)
    #expect(request.method == "POST")
    #expect(request.path == "/v1/hồ sơ/a/b")
    #expect(
      request.query == [HeaderField("b", "2"), HeaderField("a", "x&y z"), HeaderField("b", ""), HeaderField("c", "")])
    #expect(
      request.headers == [
        HeaderField("Host", "mock"), HeaderField("X-Zeta", "1"), HeaderField("x-alpha", "2"),
        HeaderField("X-Zeta", "3"), HeaderField("Content-Length", "5"), HeaderField("Connection", "close"),
      ])
    #expect(request.body == Array("hello".utf8))
    #expect(answer.hasPrefix("HTTP/1.1 201 "))
    #expect(answer.hasSuffix("\r\n\r\nhello"))
    #expect(answer.contains("Content-Length: 5\r\n"))
    let order = answer.split(separator: "\r\n").filter { $0.hasPrefix("X-") }
    #expect(order == ["X-Second: 2", "X-First: 1", "X-Second: 3"])
  }

  @Test func `answers many requests on one connection, chunked ones too`() async throws {
    let echo = Echo()
    let answer = try await withMock(echo) { port, _ in
      await RawClient(port: port).exchange(
        "PUT /one HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
          + "GET /two HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
    }
    #expect(echo.requests.map(\.path) == ["/one", "/two"])
    #expect(echo.requests.first?.body == Array("abcde".utf8))
    #expect(answer.components(of: "HTTP/1.1 201 ") == 2)
  }

  @Test func `sends the fields but not the body to HEAD`() async throws {
    struct Fixed: ServedInterface {
      func respond(to request: ServedRequest) async -> ServedResponse { .json(#"{"a":1}"#) }
    }
    let answer = try await withMock(Fixed()) { port, _ in
      await RawClient(port: port).exchange("HEAD / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
    }
    #expect(answer.contains("Content-Length: 7\r\n"))
    #expect(answer.hasSuffix("\r\n\r\n"))
  }

  @Test(arguments: [
    "Content-Length: 11\r\n\r\nxxxxxxxxxxx",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nxxxxx\r\n6\r\nyyyyyy\r\n0\r\n\r\n",
  ])
  func `refuses a body over the limit without asking the interface`(rest: String) async throws {
    let echo = Echo()
    let answer = try await withMock(echo, bodyBytesMax: 10) { port, _ in
      await RawClient(port: port).exchange("POST / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n" + rest)
    }
    #expect(answer.hasPrefix("HTTP/1.1 413 "))
    #expect(answer.contains("longer than 10 bytes"))
    #expect(echo.requests.isEmpty)
  }

  @Test(arguments: ["/a%2", "/a%zz", "/a%FF", "/ok?x=%C3", "/ok?%=1"])
  func `refuses a target that is not well encoded`(target: String) async throws {
    let echo = Echo()
    let answer = try await withMock(echo) { port, _ in
      await RawClient(port: port).exchange("GET \(target) HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
    }
    #expect(answer.hasPrefix("HTTP/1.1 400 "))
    #expect(echo.requests.isEmpty)
  }

  @Test func `says what a mock did wrong instead of sending it`() async throws {
    struct Broken: ServedInterface {
      func respond(to request: ServedRequest) async -> ServedResponse {
        request.path == "/status"
          ? ServedResponse(status: 99) : ServedResponse(status: 200, headers: [HeaderField("bad name", "x")])
      }
    }
    let answers = try await withMock(Broken()) { port, _ in
      let client = RawClient(port: port)
      return [
        await client.exchange("GET /status HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"),
        await client.exchange("GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n"),
      ]
    }
    #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 500 ") })
    #expect(answers[0].contains("no final HTTP status"))
    #expect(answers[1].contains("whose name HTTP does not allow"))
  }

  @Test func `names the port that another process has`() async throws {
    let refusal = try await withMock(Echo()) { port, _ in
      let second = MockHost(
        name: "second", interface: Echo(), settings: MockHost.Settings(port: port), logger: quiet)
      await #expect(throws: MockHostError.portTaken(name: "second", host: "127.0.0.1", port: port)) {
        try await second.run()
      }
      await #expect(throws: MockHostError.portTaken(name: "second", host: "127.0.0.1", port: port)) {
        try await second.boundPort()
      }
      return (MockHostError.portTaken(name: "second", host: "127.0.0.1", port: port).description, port)
    }
    #expect(refusal.0.hasPrefix("mock second: port \(refusal.1) of 127.0.0.1 is taken"))
  }

  @Test func `names an address that is not this machine's`() async throws {
    let host = MockHost(
      name: "far", interface: Echo(), settings: MockHost.Settings(host: "192.0.2.1"), logger: quiet)
    await #expect(throws: MockHostError.addressUnknown(name: "far", host: "192.0.2.1")) { try await host.run() }
  }

  @Test func `lets the request under way end before it stops`() async throws {
    let gate = Gate()
    let answer = try await withMock(gate) { port, group in
      async let answer = RawClient(port: port).exchange("GET / HTTP/1.1\r\nHost: m\r\n\r\n")
      await gate.entered.wait()
      await group.triggerGracefulShutdown()
      gate.leave.open()
      return await answer
    }
    #expect(answer.hasPrefix("HTTP/1.1 200 "))
  }
}

/// Answers only when told, and tells when it is asked.
private final class Gate: ServedInterface {
  let entered = Latch()
  let leave = Latch()

  func respond(to request: ServedRequest) async -> ServedResponse {
    entered.open()
    await leave.wait()
    return ServedResponse(status: 200)
  }
}

/// Closed at first; once open, it lets everyone through.
final class Latch: Sendable {
  private let stream = AsyncStream<Void>.makeStream()
  func open() { stream.continuation.finish() }
  func wait() async { for await _ in stream.stream {} }
}

extension String {
  /// How often `part` occurs.
  func components(of part: String) -> Int { ranges(of: part).count }
}
