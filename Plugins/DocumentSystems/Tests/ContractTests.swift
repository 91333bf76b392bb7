import DocumentSystemsContract
import HubTesting
import HubTransport
import Testing

/// What `lgsp connector test` looks at, over real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `The contract of connectors` {
  private static let loop = CurlLoop()

  @Test(arguments: ConnectorContract.Behaviour.allCases)
  func `is kept`(_ behaviour: ConnectorContract.Behaviour) async {
    let bench = ContractBench(transport: Self.loop.transport(for: "contract", .thisMachine))
    let outcome = await ConnectorContract.outcome(of: DocumentSystemsContract.self, in: behaviour, on: bench)
    if case .failed(let message) = outcome { Issue.record("\(message)") }
  }
}
