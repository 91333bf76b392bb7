internal import HubConfig
internal import HubKit

/// Speaks to one far system as its manifest says: fills templates, shows who the hub is, renews its token once.
struct FarSystem: Sendable {
  let site: HTTPSite
  let context: ConnectorContext
  private let credential: HTTPCredential

  init(site: HTTPSite, context: ConnectorContext) {
    self.site = site
    self.context = context
    credential = HTTPCredential(site.manifest.authentication, site: site, context: context)
  }

  /// Sends one request.
  ///
  /// - Parameters:
  ///   - values: gives what names in templates stand for, besides settings.
  ///   - headers: besides those of the manifest; they come first.
  /// - Throws: `reject` when a value is missing or cannot stand where it is wanted.
  func send(
    _ template: HTTPRequestTemplate, values: @escaping (String) -> String?, headers: [HeaderField] = [],
    body: OutboundBody? = nil, timeout: Duration? = nil
  ) async throws(AdapterError) -> OutboundResponse {
    let look = { (name: String) in values(name) ?? site.settings.plain(name) }
    let (path, query) = try target(template, look)
    var fields = headers
    for (name, value) in site.manifest.headers.merging(template.headers, uniquingKeysWith: { $1 }).sorted(by: {
      $0.key < $1.key
    }) where fields[name] == nil {
      fields.append(try field(name, value, look))
    }
    let request = OutboundRequest(
      method: template.method, url: site.base + path + query, headers: fields, body: body, timeout: timeout)
    return try await credential.send(request, path: path, query: query)
  }

  private func target(
    _ template: HTTPRequestTemplate, _ look: (String) -> String?
  ) throws(AdapterError) -> (path: String, query: String) {
    var path: String
    do throws(MissingValue) { path = try template.path.completed { look($0).map(Self.segment) } } catch {
      throw AdapterError(
        .reject, code: "missing-value",
        reason: "The path needs `{\(error.name)}`, and the message gives no value for it.")
    }
    if !path.isEmpty, !path.hasPrefix("/") { path = "/" + path }
    // `.` and `..` as values would climb out of the path that the manifest means.
    let climbs = path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    guard !climbs else {
      throw AdapterError(.reject, code: "bad-path", reason: "A value of the message makes a path with `.` or `..`.")
    }
    let pairs = template.query.compactMap { name, value in
      value.filled(look).map { "\(Self.segment(name))=\(Self.segment($0))" }
    }
    return (path, pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&"))
  }

  private func field(
    _ name: String, _ template: HTTPTemplate, _ look: (String) -> String?
  ) throws(AdapterError) -> HeaderField {
    do throws(MissingValue) {
      let value = try template.completed(look)
      guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
        throw MissingValue(name: template.names.first ?? name)
      }
      return HeaderField(name, value)
    } catch {
      throw AdapterError(
        .reject, code: "missing-value",
        reason: "The header \(name) needs `{\(error.name)}`, and the message gives no value that can stand there.")
    }
  }

  /// Percent-encodes all but unreserved characters (RFC 3986 section 2.3).
  static func segment(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
