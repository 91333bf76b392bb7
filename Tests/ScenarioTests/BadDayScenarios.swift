import Foundation
import Glibc
import HubKit
import HubTesting
import Testing

/// The daemon's own bad days: no descriptors left, callers without hurry, callers without sense, and being told to stop
/// at a bad moment.
extension Scenarios {
  @Suite(.serialized)
  struct BadDayScenarios {
    @Test func `callers never take the last descriptors: who was there is served, and the others wait outside`()
      async throws
    {
      let side = try FarSide()
      let most = 256
      try await BadDay.running([BadDay.Place(name: "well", port: side.port)], descriptorsMax: most) { city in
        let token = try await city.token(of: "H24.2")
        let known = try RawSocket(port: city.ports)
        let idle = city.hubDescriptorCount
        // Callers who only connect, more than there could ever be descriptors for.
        var crowd = try (0..<2 * most).map { _ in try RawSocket(port: city.ports) }
        try await waitUntil("the door has let in some of them") { city.hubDescriptorCount > idle + 32 }
        let ids = (1...20).map { "amid-\($0)" }
        for (number, id) in ids.enumerated() {
          // Every other body is so large that the hub puts it into a file.
          let request = city.rawRequest(id, to: "well", bytes: number.isMultiple(of: 2) ? 30_000 : 100, token: token)
          let answer = try await offPool {
            known.send(request)
            return known.receive { $0.suffix(1) == [UInt8(ascii: "}")] }
          }
          let text = String(decoding: try #require(answer), as: UTF8.self)
          #expect(text.hasPrefix("HTTP/1.1 202"), "\(id): \(text.prefix(200))")
        }
        try await waitUntil("all of them arrive in the crowd's presence") { Set(side.effects) == Set(ids) }
        #expect(city.hubDescriptorCount < most && crowd.count == 2 * most)
        crowd = []
        try await waitUntil("the door is open again") {
          try await city.handIn("after", to: "well", subject: "s", token: token).status == 202
        }
        try await waitUntil("the last has arrived") { side.effects.contains("after") }
        #expect(side.effects.count == ids.count + 1)
        #expect(try await city.lgsp("journal", "verify").status == 0)
      }
    }

    @Test func `with too few descriptors for any door the hub says so and does not start`() async throws {
      let city = try await BadDay.prepare([BadDay.Place(name: "well", port: 9)])
      do {
        try await city.startHub(descriptorsMax: 100)
        Issue.record("it started")
      } catch let error as CityError {
        #expect(error.description.contains("ulimit -n 100"), "\(error)")
      }
      await city.close()
    }

    @Test func `callers who trickle are shown out, and hold nobody up`() async throws {
      let side = try FarSide()
      let place = BadDay.Place(name: "well", port: side.port)
      try await BadDay.running([place], requestTimeout: "1s") { city in
        let token = try await city.token(of: "H24.2")
        let head = Array("POST /v1/exchanges HTTP/1.1\r\nHost: a\r\nX-Slow: ".utf8)
        let body = Array(city.rawRequest("slow", to: "well", bytes: 5000, token: token).prefix(900))
        let crowd = try (0..<200).map { number in
          let socket = try RawSocket(port: city.ports)
          socket.send(number.isMultiple(of: 2) ? head : body)
          return socket
        }
        for number in 1...5 {
          #expect(try await city.handIn("m\(number)", to: "well", subject: "s", token: token).status == 202)
        }
        try await waitUntil("all of them were shown out, though each sends a byte now and then") {
          for socket in crowd { socket.send([UInt8(ascii: "x")]) }
          return crowd.allSatisfy(\.isClosedByPeer)
        }
        try await waitUntil("the others' messages arrive") { side.effects == (1...5).map { "m\($0)" } }
        #expect(try await city.exchanges(of: "well").count == 5)
      }
    }

    @Test func `two hundred requests without sense get an error each and leave nothing behind`() async throws {
      let side = try FarSide()
      try await BadDay.running([BadDay.Place(name: "well", port: side.port)]) { city in
        let token = try await city.token(of: "H24.2")
        let good = city.rawRequest("good", to: "well", bytes: 100, token: token)
        var random = SeededRandom(seed: 20_261_127)
        for number in 1...200 {
          let request = Malformed.make(from: good, using: &random)
          let answer = try await offPool { [port = city.ports] in
            let socket = try RawSocket(port: port)
            socket.send(request.bytes)
            socket.endSending()
            return socket.receive()
          }
          let text = String(decoding: answer ?? Array("nothing within 20 s".utf8), as: UTF8.self)
          let status = text.hasPrefix("HTTP/1.1 ") ? Int(text.dropFirst(9).prefix(3)) ?? 0 : 0
          let isRefused = answer == [] || (400..<500).contains(status) || status == 501 || status == 505
          #expect(isRefused, "\(number), \(request.what): \(text.prefix(300))")
        }
        #expect(try await city.handIn("good", to: "well", subject: "s", token: token).status == 202)
        try await waitUntil("the good one has arrived") { side.effects == ["good"] }
        #expect(try await city.exchanges(of: "well").count == 1)
      }
    }

    @Test func `told to stop, the hub ends what is under way and repeats none of it`() async throws {
      let side = try FarSide { _ in .held }
      let place = BadDay.Place(name: "slow", port: side.port, more: "timeout: 60s\n  concurrency: 4")
      try await BadDay.running([place], drain: "50s") { city in
        let token = try await city.token(of: "H24.2")
        let ids = (1...20).map { "m\($0)" }
        for id in ids { try await city.handIn(id, to: "slow", subject: nil, token: token) }
        try await waitUntil("as many are under way as may be") { side.requests.count == 4 }
        city.signalHub(SIGTERM)
        try await waitUntil("the door is shut") {
          let answer = try? await city.handIn("late", to: "slow", subject: nil, token: token)
          return answer?.status != 202
        }
        side.recover()
        #expect(try await city.hubEnds() == 0)
        try await city.startHub()
        try await waitUntil("all are delivered") {
          try await city.exchanges(of: "slow").values.filter { $0.messageID != "late" }.count { $0.state == .delivered }
            == ids.count
        }
        #expect(side.requests.filter { $0.id != "late" }.count == ids.count, "what was answered is not repeated")
      }
    }

    @Test func `told to stop, the hub waits no longer than it may, and the next start goes on`() async throws {
      let side = try FarSide { _ in .takenInSilence }
      let place = BadDay.Place(name: "silent", port: side.port, more: "timeout: 600s\n  concurrency: 4")
      try await BadDay.running([place], drain: "1s") { city in
        let token = try await city.token(of: "H24.2")
        let ids = (1...10).map { "m\($0)" }
        for id in ids { try await city.handIn(id, to: "silent", subject: nil, token: token) }
        try await waitUntil("as many are under way as may be") { side.requests.count == 4 }
        #expect(try await city.stopHub(SIGTERM) == 0)
        side.recover()
        try await city.startHub()
        try await waitUntil("all are delivered") {
          try await city.exchanges(of: "silent").values.count { $0.state == .delivered } == ids.count
        }
        #expect(Set(side.effects) == Set(ids) && side.effects.count == ids.count)
      }
    }
  }
}

extension City {
  /// A whole request that hands a message in.
  func rawRequest(_ id: String, to place: String, bytes: Int, token: String) -> [UInt8] {
    let body = "{\"pad\":\"\(String(repeating: "x", count: bytes))\"}"
    let lines = [
      "POST /v1/exchanges HTTP/1.1", "Host: 127.0.0.1", "Authorization: Bearer \(token)",
      "Content-Type: application/json", "ce-specversion: 1.0", "ce-id: \(id)", "ce-source: /test",
      "ce-type: vn.test.\(place)", "Content-Length: \(body.utf8.count)", "", body,
    ]
    return Array(lines.joined(separator: "\r\n").utf8)
  }
}

/// Requests that break HTTP/1.1 (RFC 9112), each in a way of its own.
enum Malformed {
  static func make(from good: [UInt8], using random: inout SeededRandom) -> (what: String, bytes: [UInt8]) {
    let text = String(decoding: good, as: UTF8.self)
    let ways: [(String, (inout SeededRandom) -> String)] = [
      ("a line without version", { _ in text.replacing(" HTTP/1.1\r\n", with: "\r\n") }),
      ("another version", { text.replacing("HTTP/1.1", with: "HTTP/\($0.next() % 7 + 3).\($0.next() % 10)") }),
      (
        "a method of odd signs",
        { text.replacing("POST", with: ["P()ST", "P\u{1}ST", "PO ST", "=", "\"POST\""][Int($0.next() % 5)]) }
      ),
      ("an unknown method", { "\(["FROB", "post", "TRACE"][Int($0.next() % 3)])" + text.dropFirst(4) }),
      ("a header without colon", { _ in text.replacing("ce-source:", with: "ce-source") }),
      ("space before the colon", { _ in text.replacing("ce-source:", with: "ce-source :") }),
      ("an empty name", { _ in text.replacing("ce-source:", with: ":") }),
      ("a NUL in a value", { _ in text.replacing("/test", with: "/te\u{0}st") }),
      ("a negative length", { _ in text.replacing("Content-Length: ", with: "Content-Length: -") }),
      ("a length that is no number", { _ in text.replacing("Content-Length: ", with: "Content-Length: x") }),
      (
        "two lengths",
        { text.replacing("Content-Length: ", with: "Content-Length: \($0.next() % 90)\r\nContent-Length: ") }
      ),
      ("length and chunks", { _ in text.replacing("Host:", with: "Transfer-Encoding: chunked\r\nHost:") }),
      (
        "chunks without size",
        { random in
          text.replacing(#/Content-Length: \d+/#, with: "Transfer-Encoding: chunked") + "zz\(random.next())\r\n"
        }
      ),
      ("cut short", { random in String(text.prefix(Int(random.next() % UInt64(text.count - 1)) + 1)) }),
      (
        "a long line",
        { random in
          text.replacing(
            "/v1/exchanges", with: "/" + String(repeating: "a", count: 70_000 + Int(random.next() % 70_000)))
        }
      ),
      (
        "many headers",
        { _ in
          text.replacing("Host:", with: (0..<500).map { "x-\($0): 1\r\n" }.joined() + "Host:")
        }
      ),
    ]
    let pick = Int(random.next() % UInt64(ways.count + 1))
    guard pick < ways.count else {
      return ("noise", (0..<Int(random.next() % 2000) + 1).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }
    return (ways[pick].0, Array(ways[pick].1(&random).utf8))
  }
}
