internal import HubBus
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import Logging

extension Checking {
  /// Whether persons can sign in where hub.yaml says. Only the endpoint's parts tell, so they are made, with nowhere to
  /// go; a connector that cannot even be made has a complaint of its own, or waits for a secret.
  func signInComplaints(_ configuration: HubConfiguration, _ catalogue: Catalogue) -> [Complaint] {
    guard let signIn = configuration.hub.signIn, let endpoint = configuration.endpoint(signIn.endpoint),
      let kind = catalogue.connector(endpoint.connector),
      let parts = try? kind.configured(endpoint.settings)(
        ConnectorContext(
          endpoint: endpoint.name, transport: NoWay(), gateway: EndpointGateway(endpoint: endpoint.name),
          clock: SystemClock(), directory: configuration.agencies, logger: Logger(label: "lgsp.check"))),
      parts.signIn == nil
    else { return [] }
    return [
      Complaint(
        severity: .error, file: signIn.place.file, line: signIn.place.line, column: signIn.place.column,
        code: "no-sign-in",
        message: "Nobody can sign in at the endpoint \(endpoint.name): its connector, \(endpoint.connector), does not "
          + "do that; vneid does.",
        vi: "Không đăng nhập được qua điểm nối \(endpoint.name): connector \(endpoint.connector) không có chức năng "
          + "này; vneid thì có.")
    ]
  }
}

/// A transport that leads nowhere: a check touches no network.
private struct NoWay: Transport {
  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    throw AdapterError(.cancelled, code: "check", reason: "A check sends nothing.")
  }
}
