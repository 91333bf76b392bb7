internal import HubBus
internal import HubKit
internal import Synchronization

/// The far systems of one exchange as they were recorded: each delivery meets, attempt by attempt, what its like met
/// then.
final class FarTape: Sendable {
  private struct State {
    /// Calls that no delivery has taken yet.
    var left: [RecordedCall]
    /// What a delivery of this run goes by: its call, and how many attempts were made.
    var taken: [String: (call: RecordedCall?, attempts: Int)] = [:]
    var newCalls = 0
  }

  let contents: Contents
  private let state: Mutex<State>

  init(_ calls: [RecordedCall], contents: Contents) {
    self.contents = contents
    state = Mutex(State(left: calls.filter { !$0.attempts.isEmpty }))
  }

  /// Code of an attempt for which nothing was recorded.
  static let notRecorded = "not-recorded"

  /// Whether a delivery is met for the first time, and its recording.
  func take(_ attempt: Rehearsal.Attempt) -> (isFirst: Bool, call: RecordedCall?) {
    state.withLock { state in
      if let known = state.taken[attempt.delivery.id] { return (false, known.call) }
      let name = CallName(attempt.planned)
      let place = state.left.firstIndex { $0.name == name }
      let call = place.map { state.left.remove(at: $0) }
      if call == nil { state.newCalls += 1 }
      state.taken[attempt.delivery.id] = (call, 0)
      return (true, call)
    }
  }

  /// How the next attempt of a delivery ends.
  func ending(of attempt: Rehearsal.Attempt) -> Rehearsal.Ending {
    let recorded: RecordedAttempt? = state.withLock { state in
      guard var taken = state.taken[attempt.delivery.id], let call = taken.call,
        taken.attempts < call.attempts.count
      else { return nil }
      defer { state.taken[attempt.delivery.id] = taken }
      taken.attempts += 1
      return call.attempts[taken.attempts - 1]
    }
    guard let recorded else {
      return Rehearsal.Ending(
        .failure(AdapterError(.reject, code: Self.notRecorded, reason: "No answer to this call was recorded.")))
    }
    return Rehearsal.Ending(recorded.result(contents), after: .microseconds(recorded.microseconds))
  }
}

extension CallName {
  init(_ planned: PlannedDelivery) {
    self.init(
      endpoint: planned.endpoint, operation: planned.operation, receiver: planned.receiver,
      role: planned.role?.rawValue, call: planned.call)
  }
}

extension RecordedAttempt {
  /// What the bus is told.
  func result(_ contents: Contents) -> Result<Reply, AdapterError> {
    let reason = "The far system answered \(code) when it was recorded."
    return switch verdict {
    case .success:
      .success(
        Reply(code: code, reference: reference, mediaType: reply?.type, body: .inline(contents[reply] ?? [])))
    case .retry: .failure(AdapterError(.retry(after: nil), code: code, reason: reason))
    case .outage: .failure(AdapterError(.outage(after: nil), code: code, reason: reason))
    case .reject: .failure(AdapterError(.reject, code: code, reason: reason))
    case .inDoubt: .failure(AdapterError(.inDoubt, code: code, reason: reason))
    }
  }
}
