public import AxisWire
public import HubKit

/// The settings of an `edocument` endpoint.
public struct EDocumentSettings: Sendable {
  /// Base URL under which the axis' operations lie.
  public var url: String
  /// Name of our system on the axis.
  public var systemId: String
  /// Key that requests are signed with.
  public var secret: Secret
  /// Our own organisation code, for the trace header of every document that passes.
  public var organisation: String
  /// How the digest of a file is printed.
  public var hashStyle: AxisDigest.Style
  /// Most items asked for in one list.
  public var pageSize: Int

  static let declared: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://axis.example/api",
      help: "Base URL of the axis; the operations lie directly under it."),
    Setting(
      "systemId", .text, required: true, example: "vxp.lgsp.haiphong",
      help: "Name under which the axis knows this hub."),
    Setting(
      "secret", .secret, required: true, example: "file:/etc/lgsp/secrets/axis.key",
      help: "Key with which requests are signed (HMAC-SHA256)."),
    Setting(
      "organisation", .text, required: true, example: "H24.1",
      help: "Organisation code that the hub writes into the trace header of each document."),
    Setting(
      "hashStyle", .choice(AxisDigest.Style.allCases.map(\.rawValue)), default: .text(AxisDigest.Style.sdk.rawValue),
      example: "sdk",
      help: "How the digest of a sent file is printed: as the vendor's kit does (a real axis), or padded."),
    Setting(
      "pageSize", .integer(1...500), default: .integer(100), example: "100",
      help: "Most items asked for in one list of received documents."),
  ]

  /// Checks settings against each other. Touches nothing.
  public init(_ values: SettingValues) throws(SettingError) {
    url = try Self.text("url", in: values)
    while url.hasSuffix("/") { url.removeLast() }
    systemId = try Self.text("systemId", in: values)
    guard let secret = values.secret("secret") else {
      throw SettingError("secret", "is missing: name the key that the axis gave out, as in file:/etc/lgsp/axis.key")
    }
    self.secret = secret
    organisation = try Self.text("organisation", in: values)
    guard OrganisationCode(organisation) != nil else {
      throw SettingError("organisation", "'\(organisation)' is no organisation code: use letters, digits and dots")
    }
    hashStyle = values.text("hashStyle").flatMap(AxisDigest.Style.init) ?? .sdk
    pageSize = values.integer("pageSize") ?? 100
  }

  private static func text(_ name: String, in values: SettingValues) throws(SettingError) -> String {
    guard let text = values.text(name), !text.isEmpty else { throw SettingError(name, "is missing or empty") }
    return text
  }
}
