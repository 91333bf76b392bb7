internal import Crypto
internal import HubKit
internal import Synchronization

/// One message that an agency's system has taken.
struct ReceivedDocument: Sendable, Encodable {
  /// Number over all agencies, from 1.
  var n: Int
  var agency: String
  var mode: String
  var id: String?
  var type: String?
  var source: String?
  var subject: String?
  var mediaType: String?
  var key: String?
  var sha256: String
  var bytes: Int
  var at: Timestamp
  /// How often it came again.
  var repeats: Int
}

/// A switch that makes an agency's system misbehave.
struct Fault: Sendable, Codable {
  enum Mode: String, Sendable, Codable {
    case refuse422 = "refuse-422"
    case unavailable503 = "unavailable-503"
    case failTimes = "fail-times"
    case slow
    case none
  }

  var mode: Mode
  /// For `fail-times`: how often; each failure takes one away.
  var times: Int?
  /// For `fail-times`: with what; 503 when left out.
  var status: Int?
  /// For `slow`: how many milliseconds each answer takes.
  var ms: Int?
  /// For all that answer an error: seconds in Retry-After.
  var retryAfter: Int?
}

/// The memory of all agencies' systems.
final class ReceivingAgencies: Sendable {
  private struct State {
    var documents: [ReceivedDocument] = []
    var bodies: [Int: [UInt8]] = [:]
    var bodyBytes = 0
    var oldestBody = 1
    /// Number of the document by agency and key.
    var byKey: [String: Int] = [:]
    var faults: [String: Fault] = [:]
    /// How often a message that plans to overload was turned away.
    var overloads: [String: Int] = [:]
    var count = 0
  }

  private let keptBytesMax: Int
  private let state = Mutex(State())

  init(keptBytesMax: Int) {
    self.keptBytesMax = keptBytesMax
  }

  /// Takes a message, or answers as faults and plans say.
  func take(_ event: ReceivedEvent, agency: String, at time: Timestamp) -> ServedResponse {
    let digest = SHA256.hash(data: event.body).map { Self.hex($0) }.joined()
    return state.withLock { state in
      let key = event.key.map { "\(agency)/\($0)" }
      if let key, let number = state.byKey[key], let index = Self.index(of: number, in: state) {
        return Self.repeated(&state.documents[index], digest)
      }
      if let refusal = Self.refusal(&state, agency) { return refusal }
      if let refusal = Self.planned(&state, event, agency) { return refusal }
      state.count += 1
      let document = Self.document(event, number: state.count, agency, digest, time)
      state.documents.append(document)
      keep(event.body, of: state.count, in: &state)
      if let key { state.byKey[key] = state.count }
      return Self.taken(document)
    }
  }

  private static func document(
    _ event: ReceivedEvent, number: Int, _ agency: String, _ digest: String, _ time: Timestamp
  ) -> ReceivedDocument {
    ReceivedDocument(
      n: number, agency: agency, mode: event.mode.rawValue, id: event.attributes["id"], type: event.attributes["type"],
      source: event.attributes["source"], subject: event.attributes["subject"], mediaType: event.mediaType,
      key: event.key, sha256: digest, bytes: event.body.count, at: time, repeats: 0)
  }

  private func keep(_ body: [UInt8], of number: Int, in state: inout State) {
    state.bodies[number] = body
    state.bodyBytes += body.count
    while state.bodyBytes > keptBytesMax, state.oldestBody < state.count {
      state.bodyBytes -= state.bodies.removeValue(forKey: state.oldestBody)?.count ?? 0
      state.oldestBody += 1
    }
  }

  private static func index(of number: Int, in state: State) -> Int? {
    // Documents are in order of their numbers, without gaps, from the last emptying on.
    guard let first = state.documents.first, number >= first.n else { return nil }
    return number - first.n
  }

  private static func hex(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }

  private static func taken(_ document: ReceivedDocument) -> ServedResponse {
    var response = ServedResponse.encoding(status: 201, ["reference": "\(document.n)"])
    response.headers.append(HeaderField("Location", "/_mock/received/\(document.n)/body"))
    return response
  }

  /// draft-ietf-httpapi-idempotency-key-header section 2.6: the same key is answered as before; with other content it
  /// is an error of the sender.
  private static func repeated(_ document: inout ReceivedDocument, _ digest: String) -> ServedResponse {
    guard document.sha256 == digest else {
      return .problem(422, "Idempotency-Key is already used", "The key came before with other content.")
    }
    document.repeats += 1
    return taken(document)
  }

  // MARK: - Faults

  private static func refusal(_ state: inout State, _ agency: String) -> ServedResponse? {
    guard let fault = state.faults[agency] else { return nil }
    switch fault.mode {
    case .none, .slow: return nil
    case .refuse422: return .problem(422, "Từ chối tiếp nhận", "Fault refuse-422 is switched on.", wait(fault))
    case .unavailable503: return .problem(503, "Away", "Fault unavailable-503 is switched on.", wait(fault))
    case .failTimes:
      let left = fault.times ?? 1
      guard left > 0 else { return nil }
      state.faults[agency]?.times = left - 1
      return .problem(fault.status ?? 503, "Fails", "Fault fail-times: \(left - 1) more.", wait(fault))
    }
  }

  private static func wait(_ fault: Fault) -> [HeaderField] {
    fault.retryAfter.map { [HeaderField("Retry-After", "\($0)")] } ?? []
  }

  /// Failures that the message itself asks for, so that a demonstration has some without anybody at the switches.
  private static func planned(_ state: inout State, _ event: ReceivedEvent, _ agency: String) -> ServedResponse? {
    let names = [event.attributes["id"], event.attributes["subject"]].compactMap { $0 }
    if names.contains(where: { $0.contains("tu-choi") }) {
      return .problem(422, "Từ chối tiếp nhận", "Văn bản không thuộc thẩm quyền giải quyết.")
    }
    guard names.contains(where: { $0.contains("qua-tai") }) else { return nil }
    let key = "\(agency)/\(event.key ?? names[0])"
    let count = state.overloads[key, default: 0]
    guard count < 2 else { return nil }
    state.overloads[key] = count + 1
    return .problem(503, "Quá tải", "Come again.", [HeaderField("Retry-After", "1")])
  }

  // MARK: - Control

  /// How long each answer of an agency's system takes; nil when it is prompt.
  func pause(of agency: String) -> Duration? {
    state.withLock { state in
      guard let fault = state.faults[agency], fault.mode == .slow else { return nil }
      return .milliseconds(fault.ms ?? 1000)
    }
  }

  /// The answer of a system that is away; nil when it is there.
  func outage(of agency: String) -> ServedResponse? {
    state.withLock { state in
      guard let fault = state.faults[agency], fault.mode == .unavailable503 else { return nil }
      return .problem(503, "Away", "Fault unavailable-503 is switched on.", Self.wait(fault))
    }
  }

  /// Switches a fault, or all faults off with `none`.
  func setFault(_ fault: Fault, of agency: String) {
    state.withLock { $0.faults[agency] = fault.mode == .none ? nil : fault }
  }

  /// What is switched, by agency.
  var faults: [String: Fault] { state.withLock { $0.faults } }

  /// What came, oldest first; nil: to all agencies.
  func received(agency: String?) -> [ReceivedDocument] {
    state.withLock { state in
      agency == nil ? state.documents : state.documents.filter { $0.agency == agency }
    }
  }

  /// The bytes of one document with their media type; nil when it never came or its body was forgotten.
  func body(of number: Int) -> (bytes: [UInt8], mediaType: String?)? {
    state.withLock { state in
      guard let bytes = state.bodies[number], let index = Self.index(of: number, in: state) else { return nil }
      return (bytes, state.documents[index].mediaType)
    }
  }

  /// Forgets everything that came; faults stay switched.
  func forget() {
    state.withLock { state in
      let faults = state.faults
      let count = state.count
      state = State()
      state.faults = faults
      state.count = count
      state.oldestBody = count + 1
    }
  }
}
