internal import HubConfig
internal import HubHosting
internal import HubKit
internal import HubTesting
internal import HubTransport

extension ConnectorShelf {
  /// Checks one behaviour of the connector.
  typealias Check = @Sendable (ConnectorContract.Behaviour) async -> ConnectorContract.Outcome

  /// What holds a connector against the contract: a module's own proof, or the files of the others.
  ///
  /// - Parameter loop: carries what the connector sends to its far side.
  func check(of entry: Entry, over loop: CurlLoop) async throws -> Check {
    let snapshot = entry.certificate?.settings
    let bench = ContractBench(transport: loop.transport(for: entry.kind.descriptor.name, .thisMachine))
    if let proof = entry.proof {
      return { await ConnectorContract.outcome(of: proof, in: $0, on: bench, snapshot: snapshot) }
    }
    let harness = try await harness(of: entry, on: bench, loop)
    return { await ConnectorContract.outcome(of: harness, in: $0) }
  }

  /// What the contract suite needs of a connector: its `contract.yaml`, and its mock, or a server for files, as the far
  /// side.
  private func harness(of entry: Entry, on bench: ContractBench, _ loop: CurlLoop) async throws -> ConnectorHarness {
    let name = entry.kind.descriptor.name
    guard let contract = entry.manifest?.contract else {
      throw Failure(
        entry.manifest == nil
          ? "\(name) không có bộ phép thử / has no contract: an `lgsp` names those of its modules in main.swift."
          : "\(name) chưa có contract.yaml / has no contract.yaml; `lgsp connector new` shows one.")
    }
    var harness =
      if case .files(let files)? = entry.manifest?.way {
        try filesHarness(of: entry.kind, files, contract, loop)
      } else {
        try mockHarness(of: entry.kind, contract, bench)
      }
    harness.offered = contract.offered
    harness.snapshot = entry.certificate?.settings
    harness.skips.merge(try skips(contract)) { $1 }
    try await addDeliveries(to: &harness, contract, ContractSamples(contract, pool: pool))
    return harness
  }

  private func mockHarness(
    of kind: ConnectorKind, _ contract: ContractManifest, _ bench: ContractBench
  ) throws -> ConnectorHarness {
    let name = kind.descriptor.name
    guard let mock = mocks.first(where: { $0.descriptor.name == name }) else {
      throw Failure("\(name) chưa có hệ thống mô phỏng / has no mock: write mock.yaml beside its manifest.")
    }
    let samples = ContractSamples(contract, pool: pool)
    let mockSettings = try checked { () throws(SettingError) in
      try SettingValues(texts: contract.mock, declared: mock.descriptor.settings)
    }
    var harness = bench.harness(
      of: kind, settings: { try Self.settings(contract.settings, kind, $0) },
      far: { try mock.started(mockSettings, clock: SystemClock()) }, received: { try await samples.received(by: $0) })
    harness.comparesBytes = false
    if let path = contract.endSessions {
      harness.endSessions = { _ = await $0.interface.respond(to: ServedRequest(method: "DELETE", path: path)) }
    }
    return harness
  }

  /// The settings one by one, so that the suite can leave one out.
  static func settings(
    _ texts: [String: String], _ kind: ConnectorKind, _ url: String
  ) throws -> [String: SettingValue] {
    var values: [String: SettingValue] = [:]
    for setting in kind.descriptor.settings {
      guard let text = texts[setting.name]?.replacing("{url}", with: url) else { continue }
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
    .forContract(number, event.envelope, operation: contract.operation, body: event.body)
  }
}

/// Complaints about settings in a contract become failures of the command.
private func checked<T>(_ make: () throws(SettingError) -> T) throws -> T {
  do throws(SettingError) { return try make() } catch {
    throw Failure("contract.yaml: \(error.name): \(error.message)")
  }
}
