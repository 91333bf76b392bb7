import Foundation
import HubKit
import HubTesting
import HubTransport
import Testing

/// What the contract suite finds in connectors of files: a sound one passes before a real server, and each defect fails
/// exactly the behaviour that is there to find it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct FileDefectTests {
  enum Defect: String, CaseIterable, Sendable {
    case namesEachAttempt, rejectsAMissingFolder, takesAMissingFolder, rejectsACut

    var behaviour: ConnectorContract.Behaviour {
      switch self {
      case .rejectsACut: .brokenAnswerIsNoSuccess
      case .namesEachAttempt: .repeatIsOneMessage
      case .rejectsAMissingFolder, .takesAMissingFolder: .unknownStatusIsNoSuccess
      }
    }
  }

  private static let looked: [ConnectorContract.Behaviour] = [
    .delivers, .repeatIsOneMessage, .deadPortIsOutage, .garbageIsNoSuccess, .brokenAnswerIsNoSuccess,
    .unknownStatusIsNoSuccess, .largeBodyArrives, .probeLeavesNothing,
  ]

  private static func harness(_ defect: Defect?) throws -> ConnectorHarness {
    let far = try FileFarSide(.sftp, folders: ["/in"])
    let descriptor = ConnectorDescriptor(
      name: "far", summary: "A far system.", certificate: "C",
      settings: [Setting("url", .url, required: true, example: "sftp://far.example", help: "Base URL.")])
    let server = far.server
    let key = Secret(reference: "test", value: server.privateKey)
    let kind = ConnectorKind(descriptor: descriptor, hosting: .module, digest: "") { (values) throws(SettingError) in
      let url = values.text("url") ?? ""
      return { (context) throws(AdapterError) in
        ConnectorParts(
          outbound: FileDefect(
            url: url, username: server.username, key: key, hostKey: server.hostKey, context: context, defect: defect))
      }
    }
    let plain = DefectiveConnector.loop.transport(for: "far", .thisMachine)
    var harness = ContractBench(transport: far.transport(over: plain)).harness(
      of: kind, settings: { ["url": .text("sftp" + $0.dropFirst("http".count))] }, farSide: { try far.fresh() })
    harness.medium = .files
    harness.makeUnableFarSide = { try far.bare() }
    harness.makeDelivery = {
      .forContract($0, Envelope(id: "\($0)", source: "/s", type: "t"), body: Array("n \($0)".utf8))
    }
    harness.makeLargeDelivery = { .forContract(1, Envelope(id: "1", source: "/s", type: "t"), body: []).large($0) }
    harness.largeBytes = 4 << 20
    return harness
  }

  @Test func `A sound connector passes`() async throws {
    let harness = try Self.harness(nil)
    for behaviour in Self.looked {
      #expect(await ConnectorContract.outcome(of: harness, in: behaviour) == .passed, "\(behaviour)")
    }
  }

  @Test(arguments: Defect.allCases)
  func `A defect fails its own behaviour and no other`(_ defect: Defect) async throws {
    let harness = try Self.harness(defect)
    var failed: [ConnectorContract.Behaviour] = []
    for behaviour in Self.looked {
      if await ConnectorContract.failure(of: harness, in: behaviour) != nil { failed.append(behaviour) }
    }
    #expect(failed == [defect.behaviour])
  }
}

/// Puts files by SFTP as one should, save for one defect.
private struct FileDefect: OutboundAdapter {
  let url: String
  let username: String
  let key: Secret
  let hostKey: String?
  let context: ConnectorContext
  let defect: FileDefectTests.Defect?

  func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    do throws(AdapterError) { return try await put(delivery) } catch {
      var error = error
      if defect == .rejectsACut, ["not-carried", "closed"].contains(error.code) { error.verdict = .reject }
      throw error
    }
  }

  private func put(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    let path = "/in/\(delivery.id)" + (defect == .namesEachAttempt ? "-\(delivery.attempt)" : "")
    if try await send(.look, path).status == 200 { return Reply(code: "known") }
    var bytes: [UInt8] = []
    do throws(BodyError) { bytes = try delivery.bodies.bytes(of: delivery.body, limit: .max) } catch {
      throw AdapterError(.reject, code: "body", reason: "No body.")
    }
    let first = "/in/.\(delivery.id).part"
    try check(try await send(.write, first, .bytes(bytes)).status)
    try check(try await send(.move(to: path), first).status)
    return Reply(code: "written")
  }

  private func check(_ status: Int) throws(AdapterError) {
    if status == 200 || defect == .takesAMissingFolder { return }
    throw AdapterError(
      defect == .rejectsAMissingFolder && status == 404 ? .reject : .outage(after: nil), code: "files-\(status)",
      reason: "No.")
  }

  func probe() async throws(AdapterError) { try check(try await send(.list, "/in").status) }

  private func send(
    _ action: FileAccess.Action, _ path: String, _ body: OutboundBody? = nil
  ) async throws(AdapterError) -> OutboundResponse {
    var request = OutboundRequest(method: "GET", url: url, body: body, timeout: .seconds(20))
    request.file = FileAccess(action, path: path, username: username, privateKey: key, hostKey: hostKey)
    return try await context.transport.send(request)
  }
}
