internal import HubKit

extension HTTPConnector {
  /// The codes with which an attempt fails; the table of README.md gives verdicts and reasons.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init("body-unreadable", "The message's bytes cannot be had."),
    .init("deadline", "The attempt's time was over before anything was sent."),
    .init("http-<status>", "The system answered with this status, which is none of success."),
    .init("no-<place>", "The address needs the message's receiver, type or id, which is missing or a dot."),
    .init("no-secret", "A secret that an authentication needs has no value here."),
    .init("parameters", "The parameters of a question are too long for an address."),
    .init("path", "The path of a question leads out of the service."),
    .init("reply-not-kept", "The system answered, and the answer could not be kept."),
  ]
}
