internal import HubKit

extension NationalPortalConnector {
  /// The codes with which an attempt fails; the table of README.md gives verdicts and reasons.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init("body-not-kept", "A dossier's bytes cannot be kept on the hub's disk."),
    .init("cancelled", "The attempt was cancelled while another one logged in."),
    .init("deadline", "The attempt's time was over before anything was sent."),
    .init("http-<status>", "The adapter before the portal answered with this status."),
    .init("no-dossier-code", "The record has no MaHoSo, or one that is no code."),
    .init("no-record", "The body is no JSON object."),
    .init("not-a-string", "A member of the record is no text, which the portal asks for."),
    .init("portal-<code>", "The portal answered with this error_code; which ones reject is the setting rejectCodes."),
    .init(
      "portal-empty-reply", "The portal answered with nothing: after writing, nobody knows whether it has the record."),
    .init("portal-login", "The portal refuses the city's account."),
    .init("portal-no-file", "The portal hands a dossier's file out without its bytes."),
    .init("portal-session", "The portal does not know the session that it has just given."),
    .init("portal-unreadable-reply", "The portal answered with something that is no answer."),
    .init("secret-missing", "The password, or the secret of what the portal pushes, cannot be read."),
    .init("unknown-operation", "The route asks for an operation that the portal does not have."),
  ]
}
