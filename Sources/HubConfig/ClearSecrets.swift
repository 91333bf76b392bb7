internal import Glibc
internal import HubKit
internal import HubRouting

extension ConfigurationLoader {
  /// Complains about texts of a connector's settings that look like secrets: by the name of a header or key, or by
  /// looking random. Settings declared as secrets have been checked already.
  mutating func complainAboutClearSecrets(_ settings: CheckedObject, _ shape: ObjectShape) {
    for declaration in shape.fields {
      if case .map = declaration.shape {
        for entry in settings.entries(declaration.name) {
          complainAboutClearSecret(entry.key, entry.value, namesSecret: ClearSecret.isSecretName(entry.key))
        }
      } else if case .text(.any) = declaration.shape, let value = settings[declaration.name] {
        complainAboutClearSecret(declaration.name, value, namesSecret: false)
      }
    }
  }

  private mutating func complainAboutClearSecret(_ key: String, _ value: Checked, namesSecret: Bool) {
    guard let text = value.text else { return }
    if namesSecret {
      complaints.error(.secretInClear(key), at: value.place)
    } else if ClearSecret.looksRandom(text) {
      complaints.warning(.looksSecret(key), at: value.place)
    }
  }
}

/// Tells secrets from other texts.
enum ClearSecret {
  /// Whether a header or key of this name carries a secret: `Authorization`, `X-Api-Key`, `password`.
  static func isSecretName(_ name: String) -> Bool {
    let word = name.lowercased().filter { $0.isLetter }
    return [
      "authorization", "proxyauthorization", "cookie", "lgspaccesstoken", "authhash",
    ].contains(word)
      || ["password", "passwd", "secret", "apikey", "accesskey", "privatekey", "token"].contains { word.hasSuffix($0) }
  }

  /// Whether a text looks as if a machine had drawn it: long, without spaces, letters and digits mixed, and of nearly
  /// as many different characters as chance would give. URLs, paths, UUIDs, media types, plain words and names on the
  /// national exchange platform (`VN:GOV:…`) do not.
  static func looksRandom(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    guard scalars.count >= 20, !text.contains(where: { $0.isWhitespace }), !text.contains("://"), !text.contains("{"),
      !isUUID(text), !text.hasPrefix("VN:")
    else { return false }
    let digits = scalars.count { (0x30...0x39).contains($0.value) }
    let letters = scalars.count { $0.properties.isAlphabetic }
    guard digits >= 3, letters >= 6, digits + letters >= scalars.count * 8 / 10 else { return false }
    return entropyBits(scalars) >= 3.5
  }

  /// Shannon entropy of one character, in bits.
  static func entropyBits(_ scalars: [Unicode.Scalar]) -> Double {
    let counts = Dictionary(grouping: scalars) { $0 }.values.map { Double($0.count) / Double(scalars.count) }
    return counts.reduce(0) { $0 - $1 * log2($1) }
  }

  private static func isUUID(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    return parts.map(\.count) == [8, 4, 4, 4, 12] && parts.allSatisfy { $0.allSatisfy(\.isHexDigit) }
  }
}
