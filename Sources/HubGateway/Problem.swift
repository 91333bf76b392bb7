internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit
internal import Hummingbird

/// A refusal or a failure as the caller sees it: RFC 9457 problem details.
struct Problem: Error {
  /// Who would have to act for it to go away.
  enum Origin: String, Encodable {
    /// The caller: another request would pass.
    case caller
    /// This hub.
    case hub
    /// A system behind the hub.
    case farSystem = "far-system"
  }

  var type: ProblemType
  var detail: String
  var violations: [Violation] = []
  /// Which event of a batch, from 0.
  var index: Int?
  /// The exchange in which it is on record.
  var exchange: ExchangeID?
  /// Stable word of whoever failed, as in `http-503`.
  var code: String?
  /// Who failed, where the type alone does not say.
  var faultOrigin: Origin?
  /// Why the hub is not ready.
  var reasons: [String] = []
  var retryAfter: Duration?
  var headers: HTTPFields = [:]
  /// True when the rest of the request is not worth reading.
  var closesConnection = false

  init(_ type: ProblemType, _ detail: String) {
    self.type = type
    self.detail = detail
  }

  /// A refusal by the bus.
  init(_ refusal: NotAccepted, batch: Bool) {
    self.init(ProblemType(refusal.code), refusal.reason)
    violations = refusal.violations
    index = batch ? refusal.index : nil
    retryAfter = refusal.retryAfter
  }

  /// The answer.
  ///
  /// - Parameter instance: a URI that names this occurrence; the same stands in the log.
  func response(instance: String) -> Response {
    var headers = headers
    headers[.contentType] = "application/problem+json"
    if let retryAfter { headers[.retryAfter] = String(wholeSeconds(retryAfter)) }
    if closesConnection { headers[.connection] = "close" }
    let bytes = json(instance: instance)
    return Response(
      status: .init(code: type.status), headers: headers,
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// The problem object.
  func json(instance: String) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let members = Members(
      type: type.uri, title: type.title, status: type.status, detail: detail, instance: instance,
      origin: origin, violations: violations.isEmpty ? nil : violations, index: index,
      reasons: reasons.isEmpty ? nil : reasons, retryAfter: retryAfter.map(wholeSeconds), exchange: exchange?.text,
      code: code)
    return (try? encoder.encode(members)).map(Array.init) ?? Array(#"{"type":"\#(type.uri)"}"#.utf8)
  }

  private struct Members: Encodable {
    let type, title: String
    let status: Int
    let detail, instance: String
    let origin: Origin
    let violations: [Violation]?
    let index: Int?
    let reasons: [String]?
    let retryAfter: Int?
    let exchange, code: String?
  }
}

/// Whole seconds, rounded up, at least one (`Retry-After`, RFC 9110 section 10.2.3).
private func wholeSeconds(_ duration: Duration) -> Int {
  max(1, Int((duration.wholeMicroseconds + 999_999) / 1_000_000))
}
