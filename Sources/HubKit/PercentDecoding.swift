/// Percent-decoding of request targets (RFC 3986 section 2.1) and of forms (URL Standard, section 5.1).
public enum PercentDecoding {
  /// A path, decoded; nil when an escape is broken or the result is no UTF-8.
  public static func path(_ raw: String) -> String? { decode(raw.utf8, plusIsSpace: false) }

  /// The parameters in order; `+` is a space there, as HTML forms write it. A name without `=` has an empty value.
  public static func query(_ raw: String) -> [HeaderField]? {
    var fields: [HeaderField] = []
    for pair in raw.utf8.split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let value = equals == pair.endIndex ? pair[equals...] : pair[pair.index(after: equals)...]
      guard let name = decode(pair[..<equals], plusIsSpace: true), let text = decode(value, plusIsSpace: true) else {
        return nil
      }
      fields.append(HeaderField(name, text))
    }
    return fields
  }

  private static func decode(_ raw: some Sequence<UInt8>, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = raw.makeIterator()
    while let byte = rest.next() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}
