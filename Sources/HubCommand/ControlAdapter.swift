internal import HubAdmin
internal import HubBus
internal import HubConfig
internal import HubKit
internal import Logging

/// What operators order over the control socket, as the bus understands it.
struct ControlAdapter: HubControl {
  let bus: Bus

  func endpoints() async -> [ControlEndpoint] { bus.snapshot().endpoints.map(Self.endpoint) }

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

  private static func endpoint(_ endpoint: BusSnapshot.Endpoint) -> ControlEndpoint {
    let row = Console.row(endpoint)
    return ControlEndpoint(
      name: row.name, connector: row.connector, state: row.state.rawValue, since: row.since, nextTry: row.nextTry,
      reason: row.reason, pausedBy: endpoint.stop?.by, waiting: row.waiting, inFlight: row.inFlight,
      delivered: row.delivered, failed: row.failed, lastSuccess: row.lastSuccess)
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
    of bus: Bus, _ configuration: HubConfiguration, _ configFolder: String, logger: Logger
  ) throws -> ControlServer {
    ControlServer(
      path: try controlSocket(configuration, configFolder), control: ControlAdapter(bus: bus), logger: logger)
  }
}
