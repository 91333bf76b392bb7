public import HubKit

/// Replaces personal data by pseudonyms of the same form, so that a masked message still passes its schemas and
/// mappings, and the same person stays the same pseudonym throughout everything masked with one secret.
///
/// Masked are all values at given places, and anywhere else what looks like a citizen's number, a number of an old
/// identity card, a Vietnamese telephone number or an e-mail address. Names of people at other places are not found:
/// mark them in the schema.
public struct Masker: Sendable {
  private let secret: [UInt8]
  private let patterns: [[String]]

  /// Creates a masker.
  ///
  /// - Parameters:
  ///   - secret: who knows it can test guesses against pseudonyms; at least 16 random bytes.
  ///   - paths: patterns as ``personalPaths(inSchema:)`` returns them.
  public init(secret: [UInt8], paths: [String] = []) {
    self.secret = secret
    patterns = paths.map { path in
      path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
        String($0).replacing("~1", with: "/").replacing("~0", with: "~")
      }
    }
  }

  /// A JSON document with its personal data replaced. Members keep their order, numbers their writing.
  ///
  /// - Throws: ``InvalidMessage`` when it is not JSON.
  public func mask(json: [UInt8]) throws(InvalidMessage) -> [UInt8] {
    masked(try JSONTree(json), at: [], personal: false, Pseudonym(secret: secret)).json
  }

  /// Any text with what looks like personal data replaced.
  public func mask(text: String) -> String {
    masked(text, Pseudonym(secret: secret))
  }

  /// The pseudonym of a whole text, such as a name.
  public func pseudonym(of text: String) -> String {
    Pseudonym(secret: secret).replacing(text)
  }

  private func masked(_ value: JSONTree, at path: [String], personal: Bool, _ pseudonym: Pseudonym) -> JSONTree {
    let personal = personal || patterns.contains { matches($0[...], path[...]) }
    switch value {
    case .null: return value
    case .bool: return personal ? .bool(false) : value
    case .number(let digits): return personal ? .number(pseudonym.replacing(number: digits)) : value
    case .string(let text): return .string(personal ? pseudonym.replacing(text) : masked(text, pseudonym))
    case .array(let items):
      return .array(
        items.enumerated().map { masked($0.element, at: path + [String($0.offset)], personal: personal, pseudonym) })
    case .object(let members):
      return .object(
        members.map { member in
          (
            masked(member.name, pseudonym),
            masked(member.value, at: path + [member.name], personal: personal, pseudonym)
          )
        })
    }
  }

  private func masked(_ text: String, _ pseudonym: Pseudonym) -> String {
    let bytes = Array(text.utf8)
    let matches = personalMatches(in: bytes)
    guard !matches.isEmpty else { return text }
    var kept: [UInt8] = []
    var position = 0
    for match in matches {
      kept += bytes[position..<match.range.lowerBound]
      kept += Array(pseudonym.replacing(String(decoding: bytes[match.range], as: UTF8.self)).utf8)
      position = match.range.upperBound
    }
    return String(decoding: kept + bytes[position...], as: UTF8.self)
  }

  private func matches(_ pattern: ArraySlice<String>, _ path: ArraySlice<String>) -> Bool {
    guard let step = pattern.first else { return path.isEmpty }
    if step == "**" {
      return matches(pattern.dropFirst(), path) || (!path.isEmpty && matches(pattern, path.dropFirst()))
    }
    guard let here = path.first, step == "*" || step == here else { return false }
    return matches(pattern.dropFirst(), path.dropFirst())
  }
}
