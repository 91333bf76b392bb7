internal import FoundationEssentials
public import HubConfig
public import HubKit
internal import HubRouting
public import HubTransform
internal import JSONWire

/// Makes what a connector's contract wants to be sent, and reads what its mock holds.
public struct ContractSamples: Sendable {
  private let contract: ContractManifest
  private let evaluation: ManifestEvaluation

  /// - Parameter pool: evaluates the contract's programs.
  public init(_ contract: ContractManifest, pool: TransformPool) {
    self.contract = contract
    evaluation = ManifestEvaluation(pool: pool, clock: SystemClock())
  }

  /// A message to deliver, as often as it is asked for the same.
  ///
  /// - Parameters:
  ///   - number: tells one from another.
  ///   - isRefused: one that the far side refuses.
  /// - Throws: `AdapterError` when the contract's program gives no event.
  public func event(
    _ number: Int, text: String, isRefused: Bool = false
  ) async throws(AdapterError) -> (envelope: Envelope, body: [UInt8]) {
    guard let program = isRefused ? contract.refused : contract.delivery else {
      throw AdapterError(.reject, code: "contract", reason: "contract.yaml says nothing to deliver.")
    }
    let input = JSONValue.object(["n": .whole(number), "text": .text(text)])
    var json = try await evaluation.run(program.shape, over: input.bytes)
    // An id need not be given.
    if var value = JSONValue(json), value["id"] == nil {
      value["id"] = .text("\(number)")
      json = value.bytes
    }
    let events = try EventReading.events(
      Array("[".utf8) + json + Array("]".utf8), source: "/contract", name: program.name)
    return (events[0].envelope, events[0].body)
  }

  /// What a mock holds, one entry for each message.
  ///
  /// - Throws: `AdapterError` when the mock's answer or the contract's program is no list.
  public func received(by mock: any ServedInterface) async throws(AdapterError) -> [[UInt8]] {
    guard let (path, program) = contract.received else {
      throw AdapterError(.reject, code: "contract", reason: "contract.yaml does not say what the mock holds.")
    }
    let answer = await mock.respond(to: ServedRequest(method: "GET", path: path))
    let result = try await evaluation.run(program.shape, over: answer.body)
    guard case .list(let items)? = JSONValue(result) else {
      throw AdapterError(.reject, code: "contract", reason: "\(program.name) gave no array.")
    }
    return items.map(\.bytes)
  }
}
