public import HubKit

/// Makes text safe inside XML (XML 1.0 sections 2.2 and 2.4).
public enum XMLEscaping {
  /// Appends text in UTF-8. Line ends and tabs that a parser would change are written as references.
  ///
  /// - Throws: ``InvalidMessage`` with the rule `xml-character` when a character cannot stand in XML at all.
  public static func append(
    _ text: String, inAttribute: Bool, to bytes: inout [UInt8]
  ) throws(InvalidMessage) {
    for scalar in text.unicodeScalars {
      if let reference = reference(scalar, inAttribute: inAttribute) {
        bytes.append(contentsOf: reference.utf8)
      } else if isAllowed(scalar) {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      } else {
        throw InvalidMessage(
          rule: "xml-character",
          "a value holds the character U+\(String(scalar.value, radix: 16, uppercase: true)), which XML 1.0 "
            + "section 2.2 does not allow: remove it")
      }
    }
  }

  /// Text that is known to hold no control characters, such as a code or a namespace.
  public static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { out, scalar in
      if let reference = reference(scalar, inAttribute: true) {
        out += reference
      } else {
        out.unicodeScalars.append(scalar)
      }
    }
  }

  private static func reference(_ scalar: Unicode.Scalar, inAttribute: Bool) -> String? {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    case "\"" where inAttribute: "&quot;"
    case "\r": "&#13;"
    case "\n" where inAttribute: "&#10;"
    case "\t" where inAttribute: "&#9;"
    default: nil
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 ? scalar.value != 0xFFFE && scalar.value != 0xFFFF : scalar == "\t" || scalar == "\n"
  }
}
