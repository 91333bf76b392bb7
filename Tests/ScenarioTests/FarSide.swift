import Foundation
import HubKit
import HubTesting
import Synchronization

/// A far system by script, on a real socket: what it does with each request, and what took effect there.
final class FarSide: Sendable {
  /// What it makes of a request.
  enum Answer: Sendable {
    /// Takes it and says so.
    case taken
    /// Says no, with further header lines, and takes nothing.
    case refused(Int, String = "")
    /// Takes it, and writes this in place of an answer before it hangs up.
    case takenButSays(String)
    /// Takes it, and never says anything.
    case takenInSilence
    /// Takes it, and says so once it is well again.
    case held
  }

  struct Request: Sendable {
    var key: String
    var id: String
    var at: ContinuousClock.Instant
  }

  private let server: ScriptedServer
  private let state: State

  /// Where it listens.
  var port: Int { server.port }

  /// - Parameters:
  ///   - port: where it listens; 0 lets the system choose.
  ///   - answer: what it does with the n-th request, from 1, for as long as it has its bad day.
  init(port: Int = 0, _ answer: @escaping @Sendable (Int) -> Answer = { _ in .taken }) throws {
    let state = State()
    self.state = state
    server = try ScriptedServer(port: port) { connection in
      while let request = Self.read(connection), state.play(request, answer, connection) {}
    }
  }

  deinit {
    state.recover()
    server.close()
  }

  /// From now on it takes everything at once.
  func recover() { state.recover() }

  /// All requests, repeats among them.
  var requests: [Request] { state.book.withLock { $0.requests } }

  /// Ids of the messages that took effect, in that order: it looks at the idempotency key, as a far system should.
  var effects: [String] { taken.map(\.id) }

  /// The same, with times and idempotency keys.
  var taken: [Request] { state.book.withLock { $0.effects } }

  /// Reads one request with a body of known length; nil at the end of the connection.
  private static func read(_ connection: LoopbackConnection) -> Request? {
    var bytes: [UInt8] = []
    while true {
      if let end = Data(bytes).firstRange(of: Data("\r\n\r\n".utf8)) {
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n").dropFirst()
        let fields = Dictionary(
          lines.compactMap { line in
            line.firstIndex(of: ":").map {
              (line[..<$0].lowercased(), line[line.index(after: $0)...].trimmingCharacters(in: .whitespaces))
            }
          }, uniquingKeysWith: { $1 })
        if bytes.count - end.upperBound >= Int(fields["content-length"] ?? "0") ?? 0 {
          return Request(key: fields["idempotency-key"] ?? "", id: fields["ce-id"] ?? "", at: .now)
        }
      }
      let more = connection.read()
      guard !more.isEmpty else { return nil }
      bytes += more
    }
  }

  private final class State: Sendable {
    struct Book {
      var isWell = false
      var requests: [Request] = []
      var effects: [Request] = []
    }

    let book = Mutex(Book())
    private let changed = NSCondition()

    func recover() {
      book.withLock { $0.isWell = true }
      changed.lock()
      changed.broadcast()
      changed.unlock()
    }

    /// Blocks the connection's own thread.
    private func waitUntilWell() {
      changed.lock()
      while !book.withLock({ $0.isWell }) { changed.wait() }
      changed.unlock()
    }

    /// - Returns: whether the connection stays.
    func play(_ request: Request, _ answer: (Int) -> Answer, _ connection: LoopbackConnection) -> Bool {
      let (isWell, count) = book.withLock { book in
        book.requests.append(request)
        return (book.isWell, book.requests.count)
      }
      let answer = isWell ? .taken : answer(count)
      if case .refused(let status, let lines) = answer {
        return connection.write(text: "HTTP/1.1 \(status) No\r\n\(lines)Content-Length: 0\r\n\r\n")
      }
      book.withLock { book in
        if !book.effects.contains(where: { $0.key == request.key }) { book.effects.append(request) }
      }
      if case .held = answer { waitUntilWell() }
      switch answer {
      case .takenButSays(let text):
        connection.write(text: text)
        return false
      case .takenInSilence:
        connection.waitForClose()
        return false
      case .taken, .held, .refused: return connection.write(text: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      }
    }
  }
}

/// A hub with far sides by script and nothing else: one route of its own to each, by the type `vn.test.<name>`.
struct BadDay {
  struct Place {
    var name: String
    var port: Int
    /// More keys of the endpoint.
    var more = "timeout: 500ms"
  }

  /// Prepares one; the hub is not started.
  static func prepare(_ places: [Place], drain: String = "5s", requestTimeout: String = "60s") async throws -> City {
    let source = FileManager.default.temporaryDirectory.appending(path: "bad-day-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: source) }
    let files = [
      "hub.yaml": """
      hub: {name: Thử, organisation: H24, data: ../Data}
      gateway: {http: 127.0.0.1:8080, requestTimeout: \(requestTimeout)}
      limits: {freeDiskBytesMin: 32MiB}
      journal: {key: "file:../Data/journal.key"}
      retry: {attempts: 1000, first: 100ms, factor: 2, max: 1s}
      drain: \(drain)
      """,
      "agencies.yaml": "agencies:\n  - code: H24.2\n    name: Sở Thử Nghiệm",
      "access.yaml": "access:\n  - {agency: H24.2, send: [\"vn.test.*\"]}",
      "mocks.yaml": "mocks: []",
      "endpoints/all.yaml": places.map { place in
        """
        - name: \(place.name)
          connector: http
          settings: {url: "http://127.0.0.1:\(place.port)/in"}
          \(place.more)
        """
      }.joined(separator: "\n"),
      "routes/all.yaml": places.map { place in
        "- {name: \(place.name), match: {type: vn.test.\(place.name)}, to: \(place.name), order: \"{subject}\", keep: 1d}"
      }.joined(separator: "\n"),
    ]
    for (name, text) in files {
      let file = source.appending(path: name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data((text + "\n").utf8).write(to: file)
    }
    return try await City(from: source.path)
  }

  /// Prepares one and starts its hub, hands it to `body`, and ends it.
  static func running(
    _ places: [Place], drain: String = "5s", requestTimeout: String = "60s", descriptorsMax: Int? = nil,
    _ body: (City) async throws -> Void
  ) async throws {
    let city = try await prepare(places, drain: drain, requestTimeout: requestTimeout)
    do {
      try await city.startHub(descriptorsMax: descriptorsMax)
      try await body(city)
    } catch {
      let log = city.log("hub").suffix(2000)
      await city.close()
      throw CityError("\(error)\nThe hub's last words: \(log)")
    }
    await city.close()
  }
}

extension City {
  /// Hands a small message to a place of a ``BadDay``.
  @discardableResult
  func handIn(_ id: String, to place: String, subject: String?, bytes: Int = 100, token: String) async throws
    -> OutboundResponse
  {
    var headers = [
      HeaderField("Content-Type", "application/json"), HeaderField("Authorization", "Bearer \(token)"),
      HeaderField("ce-specversion", "1.0"), HeaderField("ce-id", id), HeaderField("ce-source", "/test/\(place)"),
      HeaderField("ce-type", "vn.test.\(place)"),
    ]
    if let subject { headers.append(HeaderField("ce-subject", subject)) }
    let body = "{\"pad\":\"\(String(repeating: "x", count: bytes))\"}"
    return try await send("POST", "\(gateway)/v1/exchanges", headers: headers, body: Array(body.utf8))
  }

  /// The exchanges of a place, by message id.
  func exchanges(of place: String) async throws -> [String: ExchangeView] {
    Dictionary(
      try await search("--type", "vn.test.\(place)").map { ($0.messageID, $0) }, uniquingKeysWith: { first, _ in first }
    )
  }
}
