/// Where to listen: a host and a port.
public struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// An IPv4 address, an IPv6 address without brackets, or a name.
  public var host: String
  /// The port; 0 lets the system choose.
  public var port: Int

  /// Creates an address.
  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Reads `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`.
  public init?(_ text: String) {
    guard Self.problem(with: text) == nil, let colon = text.lastIndex(of: ":"),
      let port = Int(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon]
    self.init(host: String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host), port: port)
  }

  /// `host:port`, as it is written.
  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  static func problem(with text: String) -> Phrase? {
    guard let colon = text.lastIndex(of: ":") else { return .badText(text, .address) }
    let host = text[..<colon]
    let port = text[text.index(after: colon)...]
    guard isHost(host), !port.isEmpty, port.allSatisfy({ $0.isASCII && $0.isNumber }) else {
      return .badText(text, .address)
    }
    return portProblem(port)
  }

  static func portProblem(_ text: Substring) -> Phrase? {
    guard let port = Int(text), (0...65_535).contains(port) else { return .badPort(String(text)) }
    return nil
  }

  static func isHost(_ text: Substring) -> Bool {
    if text.hasPrefix("["), text.hasSuffix("]") {
      return text.count > 3 && text.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
    }
    return !text.isEmpty && text.utf8.count <= 253
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") }
  }
}

/// the parts of a URL that the configuration looks at. The path is the connector's own.
struct WebAddress {
  var scheme: String
  var host: String
  var port: Int

  /// `host:port`, with the scheme's port when none is written.
  var hostAndPort: String { "\(host):\(port)" }

  init?(_ text: String) {
    guard Self.problem(with: text, files: true) == nil else { return nil }
    let (scheme, authority) = Self.split(text)
    self.scheme = String(scheme)
    let usual = Self.ports[String(scheme)] ?? 80
    let (host, port) = Self.hostAndPort(of: authority)
    self.host = String(host)
    self.port = port.flatMap { Int($0) } ?? usual
  }

  /// The schemes, each with the port that is meant when none is written. TLS over FTP is asked for on the plain port.
  private static let ports = ["http": 80, "https": 443, "sftp": 22, "ftps": 21]

  /// - Parameter files: whether the URL may lead to files.
  static func problem(with text: String, files: Bool = false) -> Phrase? {
    let form: TextForm = files ? .farURL : .url
    let (scheme, authority) = split(text)
    guard ports[String(scheme)] != nil, files || scheme.hasPrefix("http"),
      !text.contains(where: { $0.isWhitespace || !$0.isASCII })
    else {
      return .badText(text, form)
    }
    guard !authority.contains("@") else { return .urlWithPassword }
    let (host, port) = hostAndPort(of: authority)
    guard ListenAddress.isHost(host) else { return .badText(text, form) }
    guard let port else { return nil }
    return port.allSatisfy { $0.isASCII && $0.isNumber } ? ListenAddress.portProblem(port) : .badText(text, form)
  }

  private static func split(_ text: String) -> (scheme: Substring, authority: Substring) {
    guard let mark = text.firstRange(of: "://") else { return ("", "") }
    return (text[..<mark.lowerBound], text[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" })
  }

  private static func hostAndPort(of authority: Substring) -> (host: Substring, port: Substring?) {
    if authority.hasSuffix("]") { return (authority, nil) }
    guard let colon = authority.lastIndex(of: ":") else { return (authority, nil) }
    return (authority[..<colon], authority[authority.index(after: colon)...])
  }
}
