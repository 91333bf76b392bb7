internal import CCurl
internal import HubKit

/// Looks an access to files over before anything is opened: paths become parts of commands, so no control character may
/// stand in them.
struct FileCheck {
  private let target: Target

  init(_ target: Target) {
    self.target = target
  }

  func look(at file: FileAccess) throws(AdapterError) {
    var paths = [file.path]
    if case .move(let path) = file.action { paths.append(path) }
    for path in paths where !Self.isUsable(path) {
      throw AdapterError(
        .reject, code: "bad-path",
        reason: "A path at \(target.host) does not begin with /, climbs with `..`, or has control characters.")
    }
    for secret in [file.password, file.privateKey].compactMap(\.self) where secret.reveal() == nil {
      throw AdapterError(
        .outage(after: nil), code: "no-secret", reason: "The secret \(secret.reference) has no value here.")
    }
    guard target.fileScheme == "sftp" else { return }
    guard file.hostKey?.isEmpty == false else {
      throw AdapterError(
        .outage(after: nil), code: "host-key",
        reason: "The key of \(target.host) is not known; give its SHA-256, as ssh-keygen -l prints it.")
    }
  }

  private static func isUsable(_ path: String) -> Bool {
    path.hasPrefix("/") && path.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
      && !path.split(separator: "/").contains { $0 == ".." }
  }
}

/// How paths stand in URLs and in commands.
struct FileNames {
  private let base: String
  private let isSSH: Bool

  init(base: String, scheme: String) {
    var base = base
    while base.hasSuffix("/") { base.removeLast() }
    self.base = base
    isSSH = scheme == "sftp"
  }

  /// The URL of a path. FTP takes a path as relative to the account's folder, unless it begins with an escaped slash
  /// (RFC 1738 section 3.2.2).
  func url(of path: String, isFolder: Bool = false) -> String {
    let parts = path.split(separator: "/").map { Self.segment(String($0)) }.joined(separator: "/")
    let url = base + (isSSH ? "/" : "/%2F") + parts
    return isFolder && !url.hasSuffix("/") && !url.hasSuffix("%2F") ? url + "/" : url
  }

  /// The commands that give a file another path.
  func move(_ path: String, to other: String) -> [String] {
    isSSH ? ["rename \(Self.quoted(path)) \(Self.quoted(other))"] : ["RNFR \(path)", "RNTO \(other)"]
  }

  /// The commands that remove a file.
  func remove(_ path: String) -> [String] {
    isSSH ? ["rm \(Self.quoted(path))"] : ["DELE \(path)"]
  }

  /// As libcurl reads a path in a command for SFTP.
  private static func quoted(_ path: String) -> String {
    "\"" + path.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// Percent-encodes all but unreserved characters (RFC 3986 section 2.3).
  private static func segment(_ text: String) -> String {
    guard let escaped = curl_easy_escape(nil, text, CInt(text.utf8.count)) else { return "" }
    defer { curl_free(escaped) }
    return String(cString: escaped)
  }
}
