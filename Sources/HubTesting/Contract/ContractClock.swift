internal import HubKit

/// The machine's clock, which the suite lets a connector read as if time had passed: within one task only, so that
/// nothing else is hurried.
struct ContractClock: HubClock {
  @TaskLocal static var ahead = Duration.zero

  private let machine = SystemClock()

  var now: Timestamp { machine.now + Self.ahead }
  var elapsed: Duration { machine.elapsed + Self.ahead }

  func sleep(until deadline: Timestamp) async throws {
    try await machine.sleep(until: Timestamp(microseconds: deadline.microseconds) + (.zero - Self.ahead))
  }
}
