internal import HubKit

extension DocumentSystemsConnector {
  /// The codes with which making an endpoint fails; what callers are told stands in README.md.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init("secret-missing", "The key that the system's calls are verified with cannot be read.")
  ]
}
