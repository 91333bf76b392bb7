import FoundationEssentials
import Glibc
import HubKit
import HubTesting
import HubTransport
import Logging
import ServiceLifecycle
import Synchronization
import Testing

@testable import HubAdmin

@Suite("Orders over the control socket")
struct ControlTests {
  private static let exchange = ExchangeID.make(at: Timestamp(seconds: 1_700_000_000))

  @Test func `endpoints and dead letters are told as JSON`() async throws {
    let control = ScriptedControl()
    try await Socket.running(control) { socket in
      let endpoints = try await socket.get("/endpoints")
      #expect(endpoints.status == 200)
      let tax = #""delivered":0,"failed":0,"inFlight":0,"name":"tax","state":"running","waiting":3"#
      #expect(endpoints.text == #"{"endpoints":[{"connector":"http",\#(tax)}]}"#)
      #expect(try await socket.get("/endpoints/tax").status == 200)
      let unknown = try await socket.get("/endpoints/nobody")
      #expect(unknown.status == 404)
      #expect(unknown.type == "application/problem+json")
      #expect(unknown.text.contains("nobody"))
      let letters = try await socket.get("/dead-letters?endpoint=tax&after=7&limit=5")
      #expect(try JSONDecoder().decode(ControlDeadLetters.self, from: Data(letters.text.utf8)) == ScriptedControl.page)
      #expect(control.asked == ["dead-letters endpoint=tax 7 5"])
      #expect(try await socket.get("/dead-letters?limit=100000").status == 400)
    }
  }

  @Test func `an order carries who the kernel says and how he calls himself, and its reason`() async throws {
    let control = ScriptedControl()
    try await Socket.running(control) { socket in
      let path = "/exchanges/\(Self.exchange)/redeliver"
      let done = try await socket.post(path, #"{"delivery":2,"resend":true,"reason":"lost","by":"an\n"}"#)
      #expect(done.text == #"{"deliveries":[{"id":"x.1","state":"waiting"}]}"#)
      #expect(try await socket.post("/exchanges/\(Self.exchange)/drop", #"{"reason":"paper"}"#).status == 200)
      let purged = try await socket.post("/exchanges/\(Self.exchange)/purge", #"{"reason":"secret"}"#)
      #expect(purged.text == #"{"bytesRemoved":7,"exchanges":["\#(Self.exchange)"],"receivers":[]}"#)
      #expect(try await socket.post("/exchanges/\(Self.exchange)/purge", "{}").status == 400)
      #expect(try await socket.post("/endpoints/tax/version/next", #"{"reason":"v2"}"#).status == 200)
      #expect(try await socket.post("/endpoints/tax/version/newest", #"{"reason":"v2"}"#).status == 400)
      #expect(try await socket.post("/endpoints/tax/pause", #"{"reason":"works"}"#).status == 200)
      #expect(try await socket.post("/endpoints/tax/resume", #"{"reason":"done"}"#).status == 200)
      let user = ControlPeer(user: geteuid()).name
      #expect(
        control.asked == [
          "redeliver \(Self.exchange) 2 true an (\(user)): lost", "drop \(Self.exchange) - \(user): paper",
          "purge \(Self.exchange) \(user): secret", "version tax next \(user): v2", "pause tax \(user): works",
          "resume tax \(user): done",
        ])
    }
  }

  @Test func `many are put back by a filter, as a job that can be halted, and all is never meant by mistake`()
    async throws
  {
    let control = ScriptedControl()
    try await Socket.running(control) { socket in
      let order =
        #"{"filter":{"code":"http-422","from":"2026-11-23T00:00:00+07:00","key":"dossier=a=b"},"rate":5,"reason":"r"}"#
      let answer = try await socket.post("/redeliveries", order)
      let job = try JSONDecoder().decode(ControlRedelivery.self, from: Data(answer.text.utf8))
      #expect(job.order.filter.key == "dossier=a=b")
      #expect(job.open == 1)
      #expect(try await socket.post("/redeliveries", #"{"filter":{},"all":true,"reason":"r"}"#).status == 200)
      #expect(try await socket.get("/redeliveries").text.hasPrefix(#"{"jobs":[{"#))
      #expect(try await socket.get("/redeliveries/7").status == 200)
      #expect(try await socket.post("/redeliveries/7/pause", #"{"reason":"peak"}"#).status == 200)
      let user = ControlPeer(user: geteuid()).name
      #expect(
        control.asked == [
          "bulk code=http-422,from=2026-11-22T17:00:00.000Z,key=dossier=a=b 5.0 \(user): r", "bulk - - \(user): r",
          "jobs 100", "job 7", "pause job 7 \(user): peak",
        ])
      for (path, body) in [
        ("", #"{"filter":{},"reason":"r"}"#), ("", #"{"filter":{"key":"a"},"reason":"r"}"#),
        ("", #"{"filter":{"from":"yesterday"},"reason":"r"}"#), ("", #"{"filter":{"code":"c"}}"#),
        ("/x/pause", #"{"reason":"r"}"#), ("/7/pause", "{}"),
      ] {
        #expect(try await socket.post("/redeliveries\(path)", body).status == 400, "\(path) \(body)")
      }
      #expect(try await socket.get("/dead-letters?key=a").status == 400)
      #expect(control.asked.count == 5)
    }
  }

  @Test func `an order without a reason, of another form, or too long is not carried out`() async throws {
    let control = ScriptedControl()
    try await Socket.running(control) { socket in
      let path = "/exchanges/\(Self.exchange)/redeliver"
      for body in [
        "", "{}", #"{"reason":" \n "}"#, #"{"reason":1}"#, #"{"reason":"x","delivery":0}"#,
        #"{"reason":"\#(String(repeating: "x", count: 501))"}"#, String(repeating: " ", count: 70_000),
      ] {
        let answer = try await socket.post(path, body)
        #expect(answer.status == 400, "\(body.prefix(40))")
      }
      #expect(try await socket.post("/exchanges/1/redeliver", #"{"reason":"x"}"#).status == 400)
      #expect(control.asked.isEmpty)
    }
  }

  @Test(arguments: ControlRefusal.Kind.allCases)
  func `a refusal is a problem with its own status`(kind: ControlRefusal.Kind) async throws {
    let control = ScriptedControl()
    control.refuse(ControlRefusal(kind, "vì sao / why"))
    try await Socket.running(control) { socket in
      let refused = try await socket.post("/exchanges/\(Self.exchange)/drop", #"{"reason":"x"}"#)
      #expect(refused.status == kind.status)
      #expect(refused.type == "application/problem+json")
      #expect(refused.text.contains(#""detail":"vì sao / why""#))
    }
  }

  @Test func `further commands come beside, and know who gives them`() async throws {
    let command = ControlServer.Command("/reload") { by, body in (422, Array("\(by) \(body.count)".utf8)) }
    try await Socket.running(ScriptedControl(), [command]) { socket in
      let answer = try await socket.post("/reload", #"{"by":"an"}"#)
      #expect(answer.status == 422)
      #expect(answer.text == "an (\(ControlPeer(user: geteuid()).name)) 11")
    }
  }

  @Test func `only the hub's own user may open the socket, and it goes with the server`() async throws {
    let folder = try TemporaryDirectory()
    let path = "\(folder.path)/control.sock"
    try await Socket.running(ScriptedControl(), at: path) { socket in
      var status = stat()
      #expect(stat(socket.path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
    }
    #expect(access(path, F_OK) != 0)
  }

  @Test func `a socket that a dead hub left is replaced, one that a hub listens on is not`() async throws {
    let folder = try TemporaryDirectory()
    let path = "\(folder.path)/control.sock"
    try Socket.leaveBehind(path)
    try await Socket.running(ScriptedControl(), at: path) { socket in
      let first = try await socket.get("/endpoints")
      #expect(first.status == 200)
      let second = ControlServer(path: path, control: ScriptedControl(), logger: Socket.logger)
      await #expect(throws: ControlStartError.inUse(path)) { try await second.run() }
      #expect(try await socket.get("/endpoints").status == 200)
    }
  }

  @Test func `a path that the system does not take is named`() async throws {
    let path = "/tmp/" + String(repeating: "x", count: 120)
    let server = ControlServer(path: path, control: ScriptedControl(), logger: Socket.logger)
    await #expect(throws: ControlStartError.pathTooLong(path, max: 107)) { try await server.run() }
  }
}

/// A running control server and a client of it.
private struct Socket {
  struct Answer {
    let status: Int
    let type: String?
    let text: String
  }

  static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  let path: String
  private let transport: any Transport

  static func running(
    _ control: any HubControl, _ commands: [ControlServer.Command] = [], at given: String? = nil,
    _ body: (Socket) async throws -> Void
  ) async throws {
    let folder = try TemporaryDirectory()
    let path = given ?? "\(folder.path)/control.sock"
    let group = ServiceGroup(
      services: [ControlServer(path: path, control: control, commands: commands, logger: logger)], logger: logger)
    let loop = CurlLoop()
    var options = TransportOptions()
    options.unixSocketPath = path
    let socket = Socket(path: path, transport: loop.transport(for: "control", options))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      while (try? await socket.get("/endpoints"))?.status != 200 { await Task.yield() }
      try await body(socket)
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
    await loop.shutdown()
  }

  func get(_ path: String) async throws -> Answer { try await send("GET", path, nil) }

  func post(_ path: String, _ body: String) async throws -> Answer { try await send("POST", path, body) }

  private func send(_ method: String, _ path: String, _ body: String?) async throws -> Answer {
    let response = try await transport.send(
      OutboundRequest(method: method, url: "http://localhost\(path)", body: body.map { .bytes(Array($0.utf8)) }))
    return Answer(
      status: response.status, type: response.headers["Content-Type"],
      text: String(decoding: response.body, as: UTF8.self))
  }

  /// Binds and closes, as a process does that is killed: the file stays.
  static func leaveBehind(_ path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    #expect(bound == 0)
    #expect(access(path, F_OK) == 0)
  }
}

/// Remembers what was ordered.
private final class ScriptedControl: HubControl {
  static let page = ControlDeadLetters(
    items: [
      ControlDeadLetter(
        exchange: ExchangeID.make(at: Timestamp(seconds: 1)), delivery: 1, endpoint: "tax", receiver: "H24.7",
        orderingKey: "k", state: "refused", code: "http-422", reason: "no", since: Timestamp(seconds: 5), type: "t",
        subject: "s", waitingBehind: 4, attempts: 1)
    ], next: 9)

  private let state = Mutex<(asked: [String], refusal: ControlRefusal?)>(([], nil))
  private let endpoint = ControlEndpoint(name: "tax", connector: "http", state: "running", waiting: 3)

  var asked: [String] { state.withLock { $0.asked } }

  func refuse(_ refusal: ControlRefusal) { state.withLock { $0.refusal = refusal } }

  private func take(_ what: String) throws(ControlRefusal) {
    let refusal = state.withLock { state in
      state.asked.append(what)
      return state.refusal
    }
    if let refusal { throw refusal }
  }

  func endpoints() async -> [ControlEndpoint] { [endpoint] }

  func deadLetters(
    _ filter: ControlFilter, after: Int64, limit: Int
  ) async throws(ControlRefusal) -> ControlDeadLetters {
    try take("dead-letters \(Self.words(filter)) \(after) \(limit)")
    return Self.page
  }

  private static func words(_ filter: ControlFilter) -> String {
    filter.fields.isEmpty ? "-" : filter.fields.map { "\($0.name)=\($0.value)" }.joined(separator: ",")
  }

  private func job(_ order: ControlRedeliveryOrder) -> ControlRedelivery {
    ControlRedelivery(
      job: 7, state: "running", stateSince: Timestamp(seconds: 5), stateBy: "an", stateReason: "mended", order: order,
      by: "an", reason: "mended", ordered: Timestamp(seconds: 5), selected: 9, putBack: 5, refused: 1, delivered: 3,
      failed: 1)
  }

  func redeliver(
    _ order: ControlRedeliveryOrder, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlRedelivery {
    let rate = order.rate.map { "\($0)" } ?? "-"
    try take("bulk \(Self.words(order.filter)) \(rate) \(by): \(reason)")
    return job(order)
  }

  func redeliveries(limit: Int) async throws(ControlRefusal) -> [ControlRedelivery] {
    try take("jobs \(limit)")
    return [job(ControlRedeliveryOrder(filter: ControlFilter(), all: true))]
  }

  func redelivery(_ number: Int64) async throws(ControlRefusal) -> ControlRedelivery {
    try take("job \(number)")
    return job(ControlRedeliveryOrder(filter: ControlFilter(), all: true))
  }

  func setRedelivery(
    _ number: Int64, _ change: ControlRedelivery.Change, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlRedelivery {
    try take("\(change.rawValue) job \(number) \(by): \(reason)")
    return job(ControlRedeliveryOrder(filter: ControlFilter(), all: true))
  }

  func redeliver(
    _ exchange: ExchangeID, delivery: Int?, resend: Bool, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery] {
    try take("redeliver \(exchange) \(delivery.map(String.init) ?? "-") \(resend) \(by): \(reason)")
    return [ControlDelivery(id: "x.1", state: .waiting)]
  }

  func drop(
    _ exchange: ExchangeID, delivery: Int?, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery] {
    try take("drop \(exchange) \(delivery.map(String.init) ?? "-") \(by): \(reason)")
    return []
  }

  func purge(_ exchange: ExchangeID, by: String, reason: String) async throws(ControlRefusal) -> ControlPurge {
    try take("purge \(exchange) \(by): \(reason)")
    return ControlPurge(exchanges: [exchange], receivers: [], bytesRemoved: 7)
  }

  func setPaused(
    _ isPaused: Bool, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint {
    try take("\(isPaused ? "pause" : "resume") \(endpoint) \(by): \(reason)")
    return self.endpoint
  }

  func setVersion(
    _ choice: ControlVersions.Choice, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint {
    try take("version \(endpoint) \(choice.rawValue) \(by): \(reason)")
    return self.endpoint
  }
}
