internal import FoundationEssentials
internal import HubKit

/// The checked settings of one endpoint.
struct HTTPSettings: Sendable {
  /// How a message becomes a request.
  enum Mode: String, CaseIterable {
    /// CloudEvents binary mode: attributes in `ce-` header fields, the body unchanged.
    case binary
    /// CloudEvents structured mode: one JSON document with attributes and data.
    case structured
    /// Only the body with its media type.
    case body
  }

  /// How the hub shows who it is.
  enum Credential: Sendable {
    case none
    case basic(username: String, password: Secret)
    case bearer(Secret)
  }

  let url: URLTemplate
  let method: String
  let mode: Mode
  let credential: Credential
  let headers: [HeaderField]
  /// Status codes that mean success; empty: all from 200 to 299.
  let successStatus: Set<Int>
  let probeMethod: String

  static let declared: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://hub.so-tnmt.example.vn/inbox/{receiver}",
      help: "Where messages go. {receiver}, {type} and {id} stand for the message's own, percent-encoded."),
    Setting(
      "method", .choice(["POST", "PUT", "PATCH"]), default: .text("POST"), example: "POST",
      help: "HTTP method of a delivery."),
    Setting(
      "mode", .choice(Mode.allCases.map(\.rawValue)), default: .text("binary"), example: "structured",
      help: "CloudEvents binary mode, CloudEvents structured mode, or only the body."),
    Setting(
      "auth", .choice(["none", "basic", "bearer"]), default: .text("none"), example: "basic",
      help: "How the hub shows who it is."),
    Setting("username", .text, example: "lgsp", help: "User name for basic authentication."),
    Setting(
      "password", .secret, example: "file:/etc/lgsp/so-tnmt.password", help: "Password for basic authentication."),
    Setting("token", .secret, example: "env:SO_TNMT_TOKEN", help: "Token for bearer authentication."),
    Setting(
      "headers", .map, default: .map([:]), example: "{ X-Tenant: da-nang }",
      help: "Header fields that every request carries; not for secrets."),
    Setting(
      "successStatus", .list, default: .list([]), example: "[200, 202, 409]",
      help: "Status codes that mean the far side has the message; all of 200 to 299 when left out."),
    Setting(
      "probeMethod", .choice(["OPTIONS", "HEAD"]), default: .text("OPTIONS"), example: "HEAD",
      help: "Method by which a paused endpoint is asked whether it answers; it must leave nothing behind."),
  ]

  init(_ values: SettingValues) throws(SettingError) {
    guard let text = values.text("url") else {
      throw SettingError("url", "is missing: give the address to which messages go.")
    }
    url = try URLTemplate(text)
    method = values.text("method") ?? "POST"
    guard let mode = Mode(rawValue: values.text("mode") ?? "binary") else {
      throw SettingError("mode", "is none of binary, structured, body.")
    }
    self.mode = mode
    credential = try Self.credential(values)
    headers = try Self.headers(values)
    successStatus = try Self.statuses(values)
    probeMethod = values.text("probeMethod") ?? "OPTIONS"
  }

  private static func credential(_ values: SettingValues) throws(SettingError) -> Credential {
    switch values.text("auth") ?? "none" {
    case "none":
      for name in ["password", "token"] where values.secret(name) != nil {
        throw SettingError(name, "is given, but auth is none: set auth to \(name == "token" ? "bearer" : "basic").")
      }
      return .none
    case "basic":
      guard let username = values.text("username"), !username.contains(":") else {
        throw SettingError("username", "is needed for basic authentication and cannot have a colon (RFC 7617).")
      }
      guard let password = values.secret("password") else {
        throw SettingError("password", "is needed for basic authentication.")
      }
      return .basic(username: username, password: password)
    case "bearer":
      guard let token = values.secret("token") else {
        throw SettingError("token", "is needed for bearer authentication.")
      }
      return .bearer(token)
    default: throw SettingError("auth", "is none of none, basic, bearer.")
    }
  }

  private static func headers(_ values: SettingValues) throws(SettingError) -> [HeaderField] {
    let own = [
      "authorization", "content-type", "content-length", "host", "idempotency-key", "traceparent", "tracestate",
    ]
    for name in values.map("headers").keys where own.contains(name.lowercased()) || name.lowercased().hasPrefix("ce-") {
      throw SettingError("headers", "has \(name), which the connector writes itself.")
    }
    return values.map("headers").sorted { $0.key < $1.key }.map { HeaderField($0.key, $0.value) }
  }

  private static func statuses(_ values: SettingValues) throws(SettingError) -> Set<Int> {
    var all = Set<Int>()
    for text in values.list("successStatus") {
      guard let status = Int(text), (200...499).contains(status) else {
        throw SettingError("successStatus", "has \(text), which is no status code from 200 to 499.")
      }
      all.insert(status)
    }
    return all
  }

  /// The value of the Authorization field; nil when there is none.
  func authorization() throws(AdapterError) -> String? {
    switch credential {
    case .none: return nil
    case .basic(let username, let password):
      let pair = "\(username):\(try Self.reveal(password))"
      return "Basic " + Data(pair.utf8).base64EncodedString()
    case .bearer(let token): return "Bearer " + (try Self.reveal(token))
    }
  }

  private static func reveal(_ secret: Secret) throws(AdapterError) -> String {
    guard let value = secret.reveal() else {
      throw AdapterError(.outage(after: nil), code: "no-secret", reason: "The secret \(secret) has no value here.")
    }
    return value
  }
}
