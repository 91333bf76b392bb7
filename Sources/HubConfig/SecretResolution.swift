internal import Glibc
internal import HubKit
internal import HubRouting

/// Whether references to secrets are followed while a configuration is read.
public enum SecretResolution: Sendable, Hashable {
  /// They are only checked for their form: `lgsp check` reads no secret and no environment.
  case unresolved
  /// They are read: `file:<path>` (relative paths start at `folder`), `env:<NAME>`, and `credential:<name>` in the
  /// folder that systemd names by `$CREDENTIALS_DIRECTORY`.
  case resolve(folder: String)
}

/// A reference to a secret, taken apart.
struct SecretReference {
  enum Kind { case file, environment, credential }

  let text: String
  let kind: Kind
  let name: String

  /// Reads `file:<path>`, `env:<NAME>` or `credential:<name>`; nil for anything else, which is then a secret in clear.
  init?(_ text: String) {
    guard let colon = text.firstIndex(of: ":") else { return nil }
    let name = String(text[text.index(after: colon)...])
    let isWord = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    guard !name.isEmpty else { return nil }
    switch text[..<colon] {
    case "file": kind = .file
    case "env" where isWord: kind = .environment
    case "credential" where isWord && !name.hasPrefix("."): kind = .credential
    default: return nil
    }
    self.text = text
    self.name = name
  }
}

extension SecretResolution {
  /// Most bytes in a secret's file: a certificate's key with its chain is far shorter.
  private static let secretBytesMax = 64 * 1024

  func resolve(_ reference: SecretReference, at place: SourcePlace, into complaints: inout Complaints) -> Secret? {
    guard case .resolve(let folder) = self else { return Secret(reference: reference.text, value: nil) }
    switch reference.kind {
    case .environment:
      guard let value = environment(reference.name) else {
        complaints.error(.secretUnreadable(reference.text, "there is no such environment variable"), at: place)
        return nil
      }
      return secret(reference, Array(value.utf8), at: place, into: &complaints)
    case .credential:
      guard let credentials = environment("CREDENTIALS_DIRECTORY") else {
        complaints.error(.secretUnreadable(reference.text, "$CREDENTIALS_DIRECTORY is not set"), at: place)
        return nil
      }
      return read(reference, "\(credentials)/\(reference.name)", at: place, into: &complaints)
    case .file:
      return read(reference, configuredPath(reference.name, in: folder), at: place, into: &complaints)
    }
  }

  private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  private func read(
    _ reference: SecretReference, _ path: String, at place: SourcePlace, into complaints: inout Complaints
  ) -> Secret? {
    do {
      let (bytes, facts) = try readFile(path, limit: Self.secretBytesMax)
      if facts.mode & 0o077 != 0, reference.kind == .file {
        complaints.warning(.secretExposed(reference.text), at: place)
      }
      return secret(reference, bytes, at: place, into: &complaints)
    } catch {
      let cause =
        switch error {
        case .tooLarge: "it has more than 64 KiB"
        case .system(let cause): cause
        }
      complaints.error(.secretUnreadable(reference.text, cause), at: place)
      return nil
    }
  }

  /// The text without the line break that editors and `echo` put at the end.
  private func secret(
    _ reference: SecretReference, _ bytes: [UInt8], at place: SourcePlace, into complaints: inout Complaints
  ) -> Secret? {
    guard var text = String(validating: bytes, as: UTF8.self) else {
      complaints.error(.secretUnreadable(reference.text, "it is not UTF-8 text"), at: place)
      return nil
    }
    while text.last?.isNewline == true { text.removeLast() }
    guard !text.allSatisfy(\.isWhitespace) else {
      complaints.error(.secretEmpty(reference.text), at: place)
      return nil
    }
    return Secret(reference: reference.text, value: text)
  }
}
