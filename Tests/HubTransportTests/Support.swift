import HubKit
import HubTesting
import HubTransport
import Synchronization

/// Options that allow this machine only.
func loopbackOptions(_ change: (inout TransportOptions) -> Void = { _ in }) -> TransportOptions {
  var options = TransportOptions(allow: [AllowedAddress("127.0.0.0/8"), AllowedAddress("localhost")].compactMap { $0 })
  change(&options)
  return options
}

/// Sends and returns how it ended.
func outcome(_ transport: any Transport, _ request: OutboundRequest) async -> Result<OutboundResponse, AdapterError> {
  do throws(AdapterError) {
    return .success(try await transport.send(request))
  } catch {
    return .failure(error)
  }
}

extension Result where Failure == AdapterError {
  var error: AdapterError? {
    if case .failure(let error) = self { error } else { nil }
  }
}

extension OutboundResponse {
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// Keeps what it is given.
final class KeepingRecorder: ExchangeRecorder {
  struct Entry: Sendable {
    var endpoint: String
    var request: OutboundRequest
    var result: Result<OutboundResponse, AdapterError>
  }

  private let kept = Mutex<[Entry]>([])
  var entries: [Entry] { kept.withLock { $0 } }

  func record(endpoint: String, request: OutboundRequest, result: Result<OutboundResponse, AdapterError>) {
    kept.withLock { $0.append(Entry(endpoint: endpoint, request: request, result: result)) }
  }
}

/// Gives bytes made up on the way, and fails where it is told to.
final class PatternReader: BodyReader {
  private let position = Mutex(0)
  private let count: Int
  private let failure: (at: Int, error: BodyError)?

  init(count: Int, failure: (at: Int, error: BodyError)? = nil) {
    self.count = count
    self.failure = failure
  }

  /// Bytes of the pattern; its period is a prime, so that no block is like another.
  static func bytes(_ range: Range<Int>) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var position = range.lowerBound
    while position < range.upperBound {
      let start = position % period.count
      let count = min(period.count - start, range.upperBound - position)
      out += period[start..<start + count]
      position += count
    }
    return out
  }

  private static let period = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }

  func read(upTo room: Int) throws(BodyError) -> [UInt8] {
    let range = position.withLock { position in
      let end = min(count, position + room)
      defer { position = end }
      return position..<end
    }
    if let failure, range.contains(failure.at) { throw failure.error }
    return Self.bytes(range)
  }
}

/// Answers everything with 200.
struct Echo: ServedInterface {
  func respond(to request: ServedRequest) async -> ServedResponse { ServedResponse(status: 200, body: request.body) }
}

/// Answers nothing until it is opened.
final class Gate: ServedInterface {
  private struct State {
    var isOpen = false
    var inside = 0
    var held: [CheckedContinuation<Void, Never>] = []
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Mutex(State())

  func open() {
    let held = state.withLock { state in
      state.isOpen = true
      defer { state.held = [] }
      return state.held
    }
    for continuation in held { continuation.resume() }
  }

  /// Returns once that many requests have come.
  func waitUntilInside(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.inside < count { state.watchers.append((count, continuation)) }
        return state.inside >= count
      }
      if isThere { continuation.resume() }
    }
  }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let satisfied = state.withLock { state in
      state.inside += 1
      let inside = state.inside
      defer { state.watchers.removeAll { $0.count <= inside } }
      return state.watchers.filter { $0.count <= inside }.map(\.continuation)
    }
    for continuation in satisfied { continuation.resume() }
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.held.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
    return ServedResponse(status: 200)
  }
}
