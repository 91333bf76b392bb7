import HubKit

/// Texts and times, as PDF files write them.
enum PDFWords {
  /// Most characters that are taken over.
  private static let charactersMax = 200

  /// What a text says, as one line.
  static func line(_ bytes: [UInt8]) -> String {
    let text: String
    if bytes.starts(with: [0xFE, 0xFF]) {
      let units = stride(from: 2, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
      text = String(decoding: units, as: UTF16.self)
    } else if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
    } else {
      text =
        String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map(Unicode.Scalar.init)))
    }
    return plain(text)
  }

  /// One line of plain text: nothing that a terminal or a page could take for an order, or that turns its direction.
  static func plain(_ text: String) -> String {
    let scalars = text.unicodeScalars.prefix(charactersMax).map { scalar -> Unicode.Scalar in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: " "
      default: scalar
      }
    }
    return String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
  }

  /// `D:20261128093000+07'00'`, where everything behind the year may be missing.
  static func time(_ bytes: [UInt8]) -> Timestamp? {
    var rest = bytes.starts(with: "D:".utf8) ? bytes.dropFirst(2) : bytes[...]
    func digits(_ count: Int) -> String? {
      let part = rest.prefix(count)
      guard part.count == count, part.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      rest = rest.dropFirst(count)
      return String(decoding: part, as: UTF8.self)
    }
    guard let year = digits(4) else { return nil }
    let (month, day) = (digits(2) ?? "01", digits(2) ?? "01")
    let (hour, minute, second) = (digits(2) ?? "00", digits(2) ?? "00", digits(2) ?? "00")
    var zone = "Z"
    if let sign = rest.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
      rest = rest.dropFirst()
      guard let hours = digits(2) else { return nil }
      if rest.first == UInt8(ascii: "'") { rest = rest.dropFirst() }
      zone = "\(sign == UInt8(ascii: "+") ? "+" : "-")\(hours):\(digits(2) ?? "00")"
    }
    return Timestamp(rfc3339: "\(year)-\(month)-\(day)T\(hour):\(minute):\(second)\(zone)")
  }
}
