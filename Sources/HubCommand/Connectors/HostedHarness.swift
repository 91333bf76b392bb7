internal import HubConfig
internal import HubHosting
internal import HubKit
internal import HubTesting
internal import HubTransport

extension ConnectorShelf {
  /// What the contract suite needs of a connector: its `contract.yaml`, and its mock as the far side.
  func harness(of entry: Entry, logs: LogRecorder, loop: CurlLoop) async throws -> ConnectorHarness {
    let name = entry.kind.descriptor.name
    guard let manifest = entry.manifest, let contract = manifest.contract else {
      throw Failure(
        entry.manifest == nil
          ? "\(name) được biên dịch sẵn, bộ phép thử nằm cùng mã nguồn / is compiled in; its tests lie with its code: "
            + "swift test --filter ContractTests"
          : "\(name) chưa có contract.yaml / has no contract.yaml; `lgsp connector new` shows one.")
    }
    guard let mock = mocks.first(where: { $0.descriptor.name == name }) else {
      throw Failure("\(name) chưa có hệ thống mô phỏng / has no mock: write mock.yaml beside its manifest.")
    }
    let samples = ContractSamples(contract, pool: pool)
    let kind = entry.kind
    let mockSettings = try checked { () throws(SettingError) in
      try SettingValues(texts: contract.mock, declared: mock.descriptor.settings)
    }
    var harness = ConnectorHarness(
      makeParts: { port in
        let settings = try Self.settings(contract, kind, "http://127.0.0.1:\(port)")
        return try kind.configured(settings)(
          ConnectorContext(
            endpoint: name, transport: loop.transport(for: name, Self.loopback), gateway: RecordingGateway(),
            clock: SystemClock(), directory: NobodyKnown(), logger: logs.logger()))
      },
      makeFarSide: {
        let interface = try mock.started(mockSettings, clock: SystemClock())
        return FarSide(interface: interface, received: { try await samples.received(by: interface) })
      })
    harness.comparesBytes = false
    harness.offered = contract.offered
    harness.logLines = { logs.lines }
    harness.kind = (kind, try Self.plainSettings(contract, kind))
    harness.snapshot = entry.certificate?.settings
    harness.secrets = kind.descriptor.settings.filter { $0.kind == .secret }.compactMap { contract.settings[$0.name] }
    harness.skips = try skips(contract)
    if let path = contract.endSessions {
      harness.endSessions = { _ = await $0.interface.respond(to: ServedRequest(method: "DELETE", path: path)) }
    }
    try await addDeliveries(to: &harness, contract, samples)
    return harness
  }

  /// Only this machine.
  private static let loopback = TransportOptions(allow: [AllowedAddress("127.0.0.1")].compactMap { $0 })

  private static func settings(
    _ contract: ContractManifest, _ kind: ConnectorKind, _ url: String
  ) throws(SettingError) -> SettingValues {
    let texts = contract.settings.mapValues { $0.replacing("{url}", with: url) }
    return try SettingValues(texts: texts, declared: kind.descriptor.settings)
  }

  /// The settings one by one, so that the suite can leave one out.
  private static func plainSettings(
    _ contract: ContractManifest, _ kind: ConnectorKind
  ) throws -> [String: SettingValue] {
    var values: [String: SettingValue] = [:]
    for setting in kind.descriptor.settings {
      guard let text = contract.settings[setting.name]?.replacing("{url}", with: "http://127.0.0.1:1") else { continue }
      let one = try checked { () throws(SettingError) in
        try SettingValues(texts: [setting.name: text], declared: [setting])
      }
      values[setting.name] = one.value(of: setting)
    }
    return values
  }

  private func skips(_ contract: ContractManifest) throws -> [ConnectorContract.Behaviour: String] {
    var skips: [ConnectorContract.Behaviour: String] = [:]
    for skip in contract.skips {
      guard let behaviour = ConnectorContract.Behaviour(rawValue: skip.behaviour) else {
        let names = ConnectorContract.Behaviour.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
          "\(skip.place): không có hành vi \(skip.behaviour) / there is no behaviour of that name. Có / there are: "
            + names)
      }
      skips[behaviour] = skip.reason
    }
    return skips
  }

  /// Messages are made beforehand: a jq program makes them, and the suite wants them at once.
  private func addDeliveries(
    to harness: inout ConnectorHarness, _ contract: ContractManifest, _ samples: ContractSamples
  ) async throws {
    guard contract.delivery != nil else { return }
    var made: [Int: Delivery] = [:]
    do throws(AdapterError) {
      for number in 1...3 {
        made[number] = delivery(number, contract, try await samples.event(number, text: "Ấm \(number)"))
      }
      let text = delivery(1, contract, try await samples.event(1, text: ConnectorContract.text))
      harness.makeTextDelivery = { _ in text.fresh }
      if contract.refused != nil {
        let refused = delivery(9, contract, try await samples.event(9, text: "Ấm", isRefused: true))
        harness.makeRefusedDelivery = { refused.fresh }
      }
    } catch {
      throw Failure("contract.yaml: \(error.reason)")
    }
    let deliveries = made
    guard let first = made[1] else { return }
    harness.makeDelivery = { (deliveries[$0] ?? first).fresh }
    if contract.streams { harness.makeLargeDelivery = { first.fresh.large($0) } }
  }

  private func delivery(
    _ number: Int, _ contract: ContractManifest, _ event: (envelope: Envelope, body: [UInt8])
  ) -> Delivery {
    let clock = SystemClock()
    return Delivery(
      id: "contract-\(number).1", exchange: .make(at: clock.now), attempt: 1, envelope: event.envelope, receiver: nil,
      operation: contract.operation, body: .inline(event.body), bodies: MemoryBodyStore(), receivedAt: clock.now,
      deadline: clock.now)
  }
}

/// Complaints about settings in a contract become failures of the command.
private func checked<T>(_ make: () throws(SettingError) -> T) throws -> T {
  do throws(SettingError) { return try make() } catch {
    throw Failure("contract.yaml: \(error.name): \(error.message)")
  }
}

extension Delivery {
  /// The same with all of its time before it.
  fileprivate var fresh: Delivery {
    var delivery = self
    delivery.receivedAt = SystemClock().now
    delivery.deadline = delivery.receivedAt + .seconds(30)
    return delivery
  }

  /// The same with a body of so many bytes.
  fileprivate func large(_ count: Int) -> Delivery {
    var delivery = self
    delivery.envelope.dataContentType = "application/octet-stream"
    delivery.body = .stored(
      BodyReference(id: "large", digest: "", mediaType: "application/octet-stream", byteCount: count))
    delivery.bodies = LargeBody(count: count)
    return delivery
  }
}

/// A body of which nobody holds more than a piece.
private struct LargeBody: BodyStore {
  let count: Int

  func reader(of body: Body) throws(BodyError) -> any BodyReader {
    BytesReader([UInt8](repeating: UInt8(ascii: "a"), count: count))
  }

  func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter { BytesWriter(limit: limit) }
}

extension SettingValues {
  fileprivate func value(of setting: Setting) -> SettingValue? {
    switch setting.kind {
    case .text, .url, .choice: text(setting.name).map(SettingValue.text)
    case .integer: integer(setting.name).map(SettingValue.integer)
    case .flag: .flag(flag(setting.name))
    case .duration: duration(setting.name).map(SettingValue.duration)
    case .secret: secret(setting.name).map(SettingValue.secret)
    case .list: .list(list(setting.name))
    case .map: .map(map(setting.name))
    }
  }
}
