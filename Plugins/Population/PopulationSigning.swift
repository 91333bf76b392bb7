internal import Crypto
internal import FoundationEssentials
internal import HubKit

/// How the hub shows who it is: a password that is good for one moment, and what a security server wants besides.
struct PopulationSigning: Sendable {
  let settings: PopulationSettings

  /// The header fields of one call.
  ///
  /// - Throws: ``AdapterError``, `outage`, when a secret was not resolved.
  func headers(at now: Timestamp) throws(AdapterError) -> [HeaderField] {
    let time = timestamp(now)
    let password = Self.password(
      url: settings.signedURL, username: settings.username, timestamp: time, secret: try reveal(settings.secret))
    let pair = Data("\(settings.username):\(password)".utf8).base64EncodedString()
    var fields = [
      HeaderField("Authorization", "Basic \(pair)"), HeaderField("timestamp", time), HeaderField("SOAPAction", "\"\""),
    ]
    if let client = settings.xRoadClient { fields.append(HeaderField("X-Road-Client", client)) }
    if let key = settings.apiKey { fields.append(HeaderField("ApiKey", try reveal(key))) }
    return fields
  }

  private func timestamp(_ now: Timestamp) -> String {
    switch settings.timestamp {
    case .seconds: String(now.microseconds / 1_000_000)
    case .milliseconds: String(now.microseconds / 1000)
    }
  }

  /// SHA-256 of address, user name, timestamp and secret run together, in lower-case hex.
  static func password(url: String, username: String, timestamp: String, secret: String) -> String {
    var hasher = SHA256()
    Array((url + username + timestamp + secret).utf8).withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return Hex.text(hasher.finalize())
  }

  private func reveal(_ secret: Secret) throws(AdapterError) -> String {
    guard let value = secret.reveal() else {
      throw AdapterError(.outage(after: nil), code: "no-secret", reason: "The secret \(secret) has no value here.")
    }
    return value
  }
}
