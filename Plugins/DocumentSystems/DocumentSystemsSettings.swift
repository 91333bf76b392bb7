public import HubKit

/// The settings of a `document-systems` endpoint. Which agencies the system works for stands in `agencies.yaml`: those
/// that are reached by the endpoint.
public struct DocumentSystemsSettings: Sendable {
  /// Name by which the system calls.
  public var systemId: String
  /// Key that it signs with.
  public var secret: Secret
  /// The hub's own organisation code, for the trace header of every document that passes.
  public var organisation: String
  /// How far its clock may be wrong.
  public var clockSkew: Duration

  static let declared: [Setting] =
    [
      Setting(
        "systemId", .text, required: true, example: "vxp.snv.haiphong",
        help: "Name by which the document system calls (XroadVnpt-systemid)."),
      Setting(
        "secret", .secret, required: true, example: "file:/etc/lgsp/secrets/snv-documents.key",
        help: "Key with which it signs its calls (HMAC-SHA256)."),
      Setting(
        "organisation", .text, required: true, example: "H24",
        help: "Organisation code that the hub writes into the trace header of each document."),
      Setting(
        "clockSkew", .duration, default: .duration(.seconds(900)), example: "15m",
        help: "How far the system's clock may be wrong; calls that are signed for another time are refused."),
    ] + InboxLimits.settings

  /// Checks settings against each other. Touches nothing.
  public init(_ values: SettingValues) throws(SettingError) {
    guard let systemId = values.text("systemId"), !systemId.isEmpty else {
      throw SettingError("systemId", "is missing or empty")
    }
    guard let secret = values.secret("secret") else {
      throw SettingError("secret", "is missing: name the key that the system signs with, as in file:/etc/lgsp/snv.key")
    }
    guard let organisation = values.text("organisation"), OrganisationCode(organisation) != nil else {
      throw SettingError("organisation", "is no organisation code: use letters, digits and dots")
    }
    let clockSkew = values.duration("clockSkew") ?? .seconds(900)
    guard clockSkew >= .seconds(1), clockSkew <= .seconds(86_400) else {
      throw SettingError("clockSkew", "must be from 1s to 1d")
    }
    _ = try InboxLimits(values)
    (self.systemId, self.secret, self.organisation, self.clockSkew) = (systemId, secret, organisation, clockSkew)
  }
}
