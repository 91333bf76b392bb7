internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// How the portal shows who it is when it calls the hub.
struct PushCredential: Sendable {
  /// Name of the header field that carries it.
  let field: String
  let secret: Secret
  /// User name before the secret; nil for a header that carries the secret alone.
  private let username: String?

  /// Nil when no secret is set: nobody may call then.
  init?(_ values: SettingValues) throws(SettingError) {
    guard let secret = values.secret("pushSecret") else { return nil }
    self.secret = secret
    if values.text("pushAuth") == "header" {
      let name = values.text("pushHeader") ?? ""
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
        throw SettingError("pushHeader", "'\(name)' is no name of a header field")
      }
      field = name
      username = nil
    } else {
      let name = values.text("pushUsername") ?? ""
      guard !name.isEmpty, !name.contains(":") else {
        throw SettingError("pushUsername", "is empty or has a colon, which no user name has (RFC 7617)")
      }
      field = "Authorization"
      username = name
    }
  }

  /// Nil when the secret has no value here.
  func check() -> PushCheck? {
    guard let value = secret.reveal(), !value.isEmpty else { return nil }
    guard let username else { return PushCheck(field: field, expected: value, isBasic: false) }
    let pair = Data("\(username):\(value)".utf8).base64EncodedString()
    return PushCheck(field: field, expected: pair, isBasic: true)
  }

  /// RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}

/// Compares what a caller shows with what the portal must show, in a time that says nothing about the secret: digests
/// are compared, and whole.
struct PushCheck: Sendable {
  private let field: String
  private let expected: SHA256Digest
  private let isBasic: Bool

  init(field: String, expected: String, isBasic: Bool) {
    self.field = field
    self.expected = SHA256.hash(data: Data(expected.utf8))
    self.isBasic = isBasic
  }

  func admits(_ headers: [HeaderField]) -> Bool {
    guard var shown = headers[field] else { return false }
    if isBasic {
      guard shown.prefix(6).lowercased() == "basic " else { return false }
      shown = String(shown.dropFirst(6).drop { $0 == " " })
    }
    return SHA256.hash(data: Data(shown.utf8)) == expected
  }

  /// What a refused caller is told to show.
  var challenge: [HeaderField] { isBasic ? [HeaderField("WWW-Authenticate", "Basic realm=\"lgsp\"")] : [] }
}
