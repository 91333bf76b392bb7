internal import HubKit

extension EDocumentConnector {
  /// The codes with which an attempt fails; the table of README.md gives verdicts and reasons.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init("axis-<code>", "The axis answered FAIL with this code, as in axis-18: it does not know the receiver."),
    .init(
      "axis-empty-reply", "The axis answered with nothing: after sending, nobody knows whether it has the document."),
    .init("axis-unreadable-reply", "The axis answered with something that is no answer."),
    .init("body", "The document's bytes cannot be read or kept on the hub's disk."),
    .init("deadline-passed", "The attempt's time was over before anything was sent."),
    .init("http-<status>", "The axis, or a gateway before it, answered with this status."),
    .init("no-receiver", "The delivery names no receiver: check the route."),
    .init("no-sender", "The message names no organisation that sends it."),
    .init("not-edxml", "The body is no edXML document."),
    .init("secret-missing", "The key that signs requests cannot be read."),
  ]
}
