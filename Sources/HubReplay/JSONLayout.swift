/// Lays JSON text out for people: only white space changes, so that numbers and text stay as they are written.
public enum JSONLayout {
  /// The text on several lines, two spaces a level; nil when it does not begin as an object or a list.
  public static func lines(_ json: [UInt8]) -> String? {
    guard let first = json.first(where: { !isSpace($0) }), first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    else { return nil }
    var writer = Writer()
    for byte in json { writer.take(byte) }
    return String(decoding: writer.out, as: UTF8.self)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }

  private struct Writer {
    var out: [UInt8] = []
    private var depth = 0
    private var isText = false
    private var isEscaped = false
    /// An opening bracket whose first item has not come yet.
    private var isOpen = false

    mutating func take(_ byte: UInt8) {
      if isText {
        out.append(byte)
        isText = isEscaped || byte != UInt8(ascii: "\"")
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        return
      }
      guard !JSONLayout.isSpace(byte) else { return }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        begin()
        out.append(byte)
        depth += 1
        isOpen = true
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth = max(0, depth - 1)
        if !isOpen { newLine() }
        isOpen = false
        out.append(byte)
      case UInt8(ascii: ","):
        out.append(byte)
        newLine()
      case UInt8(ascii: ":"): out += [byte, 0x20]
      default:
        begin()
        isText = byte == UInt8(ascii: "\"")
        out.append(byte)
      }
    }

    private mutating func begin() {
      if isOpen { newLine() }
      isOpen = false
    }

    private mutating func newLine() {
      out.append(0x0A)
      out += [UInt8](repeating: 0x20, count: 2 * depth)
    }
  }
}
