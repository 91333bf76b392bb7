internal import HubKit

/// The checked settings of an `operations-centre` endpoint.
struct OperationsCentreSettings: Sendable {
  /// Base URL without a slash at its end.
  let url: String
  let token: Secret

  static let declared: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://ioc.haiphong.example",
      help: "Base URL of the operations centre; /api/indicators/ lies under it."),
    Setting(
      "token", .secret, required: true, example: "file:/etc/lgsp/operations-centre.token",
      help: "Bearer token that the operations centre gave out."),
  ]

  init(_ values: SettingValues) throws(SettingError) {
    guard var url = values.text("url"), !url.isEmpty else {
      throw SettingError("url", "is missing: give the base URL of the operations centre.")
    }
    guard !url.contains("?"), !url.contains("#") else {
      throw SettingError("url", "has a query or a fragment: give the base URL alone.")
    }
    while url.hasSuffix("/") { url.removeLast() }
    self.url = url
    guard let token = values.secret("token") else {
      throw SettingError("token", "is missing: name the token, as in file:/etc/lgsp/operations-centre.token.")
    }
    self.token = token
  }

  /// The header field that shows who the hub is.
  func authorization() throws(AdapterError) -> HeaderField {
    guard let value = token.reveal()?.trimmed, !value.isEmpty else {
      throw AdapterError(.outage(after: nil), code: "no-secret", reason: "The secret \(token) has no value here.")
    }
    return HeaderField("Authorization", "Bearer \(value)")
  }
}

extension String {
  /// Without white space at either end: secrets come from files that end with a line break.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
