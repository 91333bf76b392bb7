public import HubKit

/// Is told what went out and what came back: for tests. `lgsp record` has no need of it, since a configuration makes
/// its requests again (decision 33).
public protocol ExchangeRecorder: Sendable {
  /// Called once for each request that was sent or refused, after it has ended, on the sender's task.
  ///
  /// - Parameters:
  ///   - endpoint: whose transport it was.
  ///   - request: as the connector gave it, without injected secrets; values of credentials that the connector set
  ///     itself are replaced.
  ///   - result: what the connector gets.
  func record(endpoint: String, request: OutboundRequest, result: Result<OutboundResponse, AdapterError>)
}

/// Takes credentials out of what is recorded.
enum Redaction {
  /// What stands in place of a value.
  static let placeholder = "(not recorded)"

  /// Parts of field names that carry credentials, in lower case.
  private static let words = [
    "authorization", "cookie", "token", "secret", "password", "passwd", "api-key", "apikey", "access-key", "signature",
  ]

  /// A request without values of credentials.
  static func redacted(_ request: OutboundRequest) -> OutboundRequest {
    var copy = request
    copy.headers = copy.headers.map(redacted)
    return copy
  }

  /// An answer without values of credentials.
  static func redacted(_ response: OutboundResponse) -> OutboundResponse {
    var copy = response
    copy.headers = copy.headers.map(redacted)
    return copy
  }

  private static func redacted(_ field: HeaderField) -> HeaderField {
    let name = field.name.lowercased()
    return words.contains(where: name.contains) ? HeaderField(field.name, placeholder) : field
  }
}
