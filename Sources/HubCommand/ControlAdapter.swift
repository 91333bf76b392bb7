internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubRouting
internal import Logging

/// What operators order over the control socket, as the bus understands it.
struct ControlAdapter: HubControl {
  let bus: Bus

  func endpoints() async -> [ControlEndpoint] {
    let rows = bus.snapshot().endpoints
    return rows.map { row in Self.endpoint(row, next: rows.first { $0.name == row.versions?.next }) }
  }

  func deadLetters(
    endpoint: String?, after: Int64, limit: Int
  ) async throws(ControlRefusal) -> ControlDeadLetters {
    let page = try await obeyed { () async throws(OrderRefusal) in
      try await bus.deadLetters(endpoint: endpoint, after: after, limit: limit)
    }
    return ControlDeadLetters(items: page.letters.map(Self.letter), next: page.next)
  }

  func redeliver(
    _ exchange: ExchangeID, delivery: Int?, resend: Bool, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery] {
    try await obeyed { () async throws(OrderRefusal) in
      try await bus.redeliver(exchange, delivery: delivery, resend: resend, by: by, reason: reason)
    }.map { ControlDelivery(id: $0.id, state: $0.state) }
  }

  func drop(
    _ exchange: ExchangeID, delivery: Int?, by: String, reason: String
  ) async throws(ControlRefusal) -> [ControlDelivery] {
    try await obeyed { () async throws(OrderRefusal) in
      try await bus.drop(exchange, delivery: delivery, by: by, reason: reason)
    }.map { ControlDelivery(id: $0.id, state: $0.state) }
  }

  func setPaused(
    _ isPaused: Bool, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint {
    try await obeyed { () async throws(OrderRefusal) in
      if isPaused {
        try await bus.pause(endpoint, by: by, reason: reason)
      } else {
        try await bus.resume(endpoint, by: by, reason: reason)
      }
    }
    return try await found(endpoint)
  }

  func setVersion(
    _ choice: ControlVersions.Choice, endpoint: String, by: String, reason: String
  ) async throws(ControlRefusal) -> ControlEndpoint {
    try await obeyed { () async throws(OrderRefusal) in
      try await bus.setVersion(
        of: endpoint, takesNext: choice == .auto ? nil : choice == .next, by: by, reason: reason)
    }
    return try await found(endpoint)
  }

  private func found(_ endpoint: String) async throws(ControlRefusal) -> ControlEndpoint {
    guard let found = await endpoints().first(where: { $0.name == endpoint }) else {
      throw ControlRefusal(.unknown, "Không có điểm kết nối \(endpoint) / no endpoint \(endpoint) is configured.")
    }
    return found
  }

  private func obeyed<Value>(
    _ order: () async throws(OrderRefusal) -> Value
  ) async throws(ControlRefusal) -> Value {
    do throws(OrderRefusal) { return try await order() } catch {
      throw ControlRefusal(Self.kind(error.code), error.description)
    }
  }

  private static func kind(_ code: OrderRefusal.Code) -> ControlRefusal.Kind {
    switch code {
    case .unknown: .unknown
    case .underway: .underway
    case .gone: .gone
    case .senseless: .senseless
    case .unavailable: .unavailable
    }
  }

  private static func endpoint(
    _ endpoint: BusSnapshot.Endpoint, next: BusSnapshot.Endpoint?
  ) -> ControlEndpoint {
    let row = Console.row(endpoint)
    return ControlEndpoint(
      name: row.name, connector: row.connector, state: row.state.rawValue, since: row.since, nextTry: row.nextTry,
      reason: row.reason, pausedBy: endpoint.stop?.by, waiting: row.waiting, inFlight: row.inFlight,
      delivered: row.delivered, failed: row.failed, lastSuccess: row.lastSuccess,
      versions: endpoint.versions.map { versions($0, next) })
  }

  private static func versions(_ versions: BusSnapshot.Versions, _ next: BusSnapshot.Endpoint?) -> ControlVersions {
    ControlVersions(
      next: versions.next, choice: versions.order.map { $0.isNext ? .next : .current } ?? .auto,
      rule: words(versions.rule), since: versions.order?.since, by: versions.order?.by,
      reason: versions.order?.reason, nextWaiting: next?.waiting ?? 0, nextInFlight: next?.underway ?? 0)
  }

  private static func words(_ rule: VersionRule) -> String {
    switch rule {
    case .never: "never"
    case .from(let time): "from \(time)"
    case .keys(let patterns): "keys \(patterns.map(\.text).joined(separator: ", "))"
    case .share(let share): "share \(share)"
    }
  }

  private static func letter(_ letter: DeadLetter) -> ControlDeadLetter {
    ControlDeadLetter(
      exchange: letter.exchange, delivery: letter.delivery, endpoint: letter.endpoint, receiver: letter.receiver?.text,
      orderingKey: letter.orderingKey, state: letter.state.rawValue, code: letter.code, reason: letter.reason,
      since: letter.since, type: letter.type, subject: letter.subject, waitingBehind: letter.waitingBehind,
      attempts: letter.attempts)
  }
}

extension HubAssembly {
  /// Where a hub takes orders.
  static func controlSocket(_ configuration: HubConfiguration, _ configFolder: String) throws -> String {
    configuredPath(configuration.hub.dataFolder, in: configFolder) + "/control.sock"
  }

  /// Takes orders for a bus.
  static func control(
    of bus: Bus, _ configuration: HubConfiguration, _ configFolder: String, journal: Journal, logger: Logger
  ) throws -> ControlServer {
    ControlServer(
      path: try controlSocket(configuration, configFolder), control: ControlAdapter(bus: bus),
      commands: [ReplayRecord.command(journal, logger)], logger: logger)
  }
}
