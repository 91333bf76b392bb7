internal import CCurl
internal import HubKit
internal import Synchronization

/// A request that may be sent: looked over on the sender's task, so that the loop has nothing left to refuse.
struct PreparedRequest: Sendable {
  let request: OutboundRequest
  let host: String
  let port: Int
  let isSecure: Bool
  /// `sftp`, `ftp` or `ftps`, nil for HTTP.
  let fileScheme: String?
  /// Header lines as libcurl takes them.
  let headerLines: [String]

  /// For messages: never the path, nor the query.
  var place: String { "\(host):\(port)" }

  /// The number of bytes of the body.
  var bodyBytes: Int {
    switch request.body {
    case .bytes(let bytes)?: bytes.count
    case .stream(_, let count)?: count
    case nil: 0
    }
  }
}

/// Looks requests over before anything is opened.
final class RequestCheck: Sendable {
  let options: TransportOptions
  private let allowList: AllowList
  /// The last URL that may be tried, and where it leads: most endpoints have one URL, and looking at it costs as much
  /// as the rest.
  private let lastTarget = Mutex<(url: String, target: Target)?>(nil)

  init(options: TransportOptions) {
    self.options = options
    allowList = AllowList(entries: options.allow)
  }

  /// Fields that the transport itself writes, or that speak about one connection only (RFC 9110 section 7.6.1).
  private static let refusedNames: [String] = [
    "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
    "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "http2-settings",
  ]

  /// Looks one request over.
  func prepare(_ request: OutboundRequest) throws(AdapterError) -> PreparedRequest {
    let target = try target(of: request.url)
    guard target.isFiles == (request.file != nil) else { throw Target.unusable }
    if let file = request.file { try FileCheck(target).look(at: file) } else { try checkMethod(request, at: target) }
    var lines: [String] = []
    for field in request.headers { lines.append(try line(field.name, field.value)) }
    for field in options.secretHeaders {
      guard let value = field.secret.reveal() else {
        throw AdapterError(
          .outage(after: nil), code: "no-secret", reason: "The secret \(field.secret.reference) has no value here.")
      }
      lines.append(try line(field.name, field.prefix + value))
    }
    let prepared = PreparedRequest(
      request: request, host: target.host, port: target.port, isSecure: target.isSecure, fileScheme: target.fileScheme,
      headerLines: lines + Self.silenced(given: request.headers))
    guard prepared.bodyBytes <= options.requestBytesMax else {
      throw AdapterError(
        .reject, code: "request-too-large",
        reason: "The body has \(prepared.bodyBytes) bytes; this endpoint sends at most \(options.requestBytesMax).")
    }
    return prepared
  }

  private func target(of url: String) throws(AdapterError) -> Target {
    if let last = lastTarget.withLock({ $0 }), last.url == url { return last.target }
    let target = try Target(url: url)
    guard options.unixSocketPath != nil || allowList.allowsURL(host: target.host, port: target.port) else {
      throw Verdicts.notAllowed(place: "\(target.host):\(target.port)")
    }
    lastTarget.withLock { $0 = (url, target) }
    return target
  }

  private func checkMethod(_ request: OutboundRequest, at target: Target) throws(AdapterError) {
    let method = request.method
    guard HeaderSyntax.isToken(method), !["CONNECT", "TRACE"].contains(method.uppercased()) else {
      throw AdapterError(
        .reject, code: "bad-method", reason: "The method of a request to \(target.host) is not usable.")
    }
    guard method != "HEAD" || request.body == nil else {
      throw AdapterError(.reject, code: "bad-method", reason: "A HEAD request to \(target.host) cannot have a body.")
    }
  }

  private func line(_ name: String, _ value: String) throws(AdapterError) -> String {
    guard HeaderSyntax.isToken(name), HeaderSyntax.isValue(value) else {
      throw AdapterError(
        .reject, code: "bad-header",
        reason: "A header field has a name or value with characters that HTTP does not allow (line breaks, controls).")
    }
    let isRefused = Self.refusedNames.contains { $0.utf8.count == name.utf8.count && $0 == name.lowercased() }
    guard !isRefused else {
      throw AdapterError(
        .reject, code: "bad-header", reason: "The header field \(name) belongs to the transport and cannot be set.")
    }
    // libcurl takes `Name:` as "leave it out" and `Name;` as "send it empty".
    return value.isEmpty ? "\(name);" : "\(name): \(value)"
  }

  /// Fields that libcurl would add by itself: nothing goes out that nobody asked for.
  private static func silenced(given headers: [HeaderField]) -> [String] {
    headers["Content-Type"] == nil ? ["Expect:", "Content-Type:"] : ["Expect:"]
  }
}

/// Where a URL leads, as libcurl's own parser understands it: a second parser could be talked into another answer.
struct Target: Sendable {
  let host: String
  let port: Int
  let isSecure: Bool
  /// `sftp`, `ftp` or `ftps`, nil for HTTP.
  let fileScheme: String?

  var isFiles: Bool { fileScheme != nil }

  static let unusable = AdapterError(
    .reject, code: "bad-url",
    reason: "The URL is not an absolute http or https URL without user name, or sftp, ftp or ftps for files.")

  init(url: String) throws(AdapterError) {
    guard let handle = curl_url() else { throw Self.unusable }
    defer { curl_url_cleanup(handle) }
    let flags = UInt32(CURLU_DISALLOW_USER)
    guard !url.utf8.contains(0), curl_url_set(handle, CURLUPART_URL, url, flags) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: handle), ["http", "https", "sftp", "ftp", "ftps"].contains(scheme),
      let host = Self.part(CURLUPART_HOST, of: handle),
      let port = Self.part(CURLUPART_PORT, of: handle).flatMap(Int.init), Self.part(CURLUPART_ZONEID, of: handle) == nil
    else { throw Self.unusable }
    self.host = HostName.normal(host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host)
    self.port = port
    isSecure = scheme == "https"
    fileScheme = scheme.hasPrefix("http") ? nil : scheme
  }

  private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

/// What may stand in a header (RFC 9110 section 5).
enum HeaderSyntax {
  /// By byte: whether it may stand in a token (section 5.6.2).
  private static let isTokenByte: [Bool] = (0...255).map { byte in
    switch UInt8(byte) {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(UInt8(byte))
    }
  }

  /// Whether the text is a token (section 5.6.2).
  static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { isTokenByte[Int($0)] }
  }

  /// Whether the text has no line breaks and no controls save tabs (section 5.5).
  static func isValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
  }
}
