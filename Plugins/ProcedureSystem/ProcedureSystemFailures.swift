internal import HubKit

extension ProcedureSystemConnector {
  /// The codes with which an attempt fails; the table of README.md gives verdicts and reasons.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init("body-not-kept", "An event's bytes cannot be kept on the hub's disk."),
    .init("deadline", "The attempt's time was over before anything was sent."),
    .init("empty-reply", "The system answered with nothing: after writing, nobody knows whether it has the dossier."),
    .init("http-<status>", "The system, or a gateway before it, answered with this status."),
    .init("no-dossier", "The body is no JSON object."),
    .init("secret-missing", "The token cannot be read."),
    .init("unreadable-reply", "The system answered with something that is no answer."),
  ]
}
