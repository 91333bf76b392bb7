internal import HTTPTypes
internal import HubKit

/// W3C trace context: what ties a message to the work of which it is a part.
enum TraceContext {
  /// Sees to it that an envelope names a trace: its own, else that of the request, else a new one.
  static func fill(_ envelope: inout Envelope, from headers: HTTPFields) {
    if let own = envelope.extensions[ExtensionName.traceParent], isParent(own) { return }
    envelope.extensions[ExtensionName.traceState] = nil
    if let parent = fieldNames.parent.flatMap(headers.text), isParent(parent) {
      envelope.extensions[ExtensionName.traceParent] = parent
      if let state = fieldNames.state.flatMap(headers.text), isState(state) {
        envelope.extensions[ExtensionName.traceState] = state
      }
    } else {
      envelope.extensions[ExtensionName.traceParent] = newParent()
    }
  }

  private static let fieldNames = (
    parent: HTTPField.Name(ExtensionName.traceParent), state: HTTPField.Name(ExtensionName.traceState)
  )

  /// Section 3.2: version, trace id, parent id, flags.
  static func isParent(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    let dash = UInt8(ascii: "-")
    // Later versions may have more parts.
    guard bytes.count == 55 || bytes.count > 55 && bytes[55] == dash && !text.hasPrefix("00"),
      bytes[2] == dash, bytes[35] == dash, bytes[52] == dash, !text.hasPrefix("ff")
    else { return false }
    let parts = [bytes[..<2], bytes[3..<35], bytes[36..<52], bytes[53..<55]]
    let isZero = { (part: ArraySlice<UInt8>) in part.allSatisfy { $0 == UInt8(ascii: "0") } }
    return parts.allSatisfy { $0.allSatisfy(isLowerHex) } && !isZero(parts[1]) && !isZero(parts[2])
  }

  /// Section 3.3, as far as a carrier must care: printable, and not too long to be carried.
  static func isState(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 512 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  private static func isLowerHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static func newParent() -> String {
    var text: [UInt8] = Array("00-".utf8)
    text.reserveCapacity(55)
    addHex(.random(in: .min ... .max), to: &text)
    addHex(.random(in: 1 ... .max), to: &text)
    text.append(UInt8(ascii: "-"))
    addHex(.random(in: 1 ... .max), to: &text)
    text += "-01".utf8
    return String(decoding: text, as: UTF8.self)
  }

  private static func addHex(_ value: UInt64, to text: inout [UInt8]) {
    for shift in stride(from: 60, through: 0, by: -4) {
      let digit = UInt8(value >> shift & 15)
      text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
    }
  }
}
