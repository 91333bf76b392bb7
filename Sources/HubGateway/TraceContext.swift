internal import HTTPTypes
internal import HubKit

/// W3C trace context: what ties a message to the work of which it is a part.
enum TraceContext {
  /// Sees to it that an envelope names a trace: its own, else that of the request, else a new one.
  static func fill(_ envelope: inout Envelope, from headers: HTTPFields) {
    if let own = envelope.extensions[ExtensionName.traceParent], isParent(own) { return }
    envelope.extensions[ExtensionName.traceState] = nil
    if let parent = value(of: ExtensionName.traceParent, in: headers), isParent(parent) {
      envelope.extensions[ExtensionName.traceParent] = parent
      if let state = value(of: ExtensionName.traceState, in: headers), isState(state) {
        envelope.extensions[ExtensionName.traceState] = state
      }
    } else {
      envelope.extensions[ExtensionName.traceParent] = newParent()
    }
  }

  /// Section 3.2: version, trace id, parent id, flags.
  static func isParent(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Array($0.utf8) }
    guard parts.count >= 4, parts[0].count == 2, parts[1].count == 32, parts[2].count == 16,
      parts[3].count == 2
    else { return false }
    let isVersion00 = parts[0] == Array("00".utf8)
    guard parts[0] != Array("ff".utf8), parts.count == 4 || !isVersion00 else { return false }
    let isZero = { (part: [UInt8]) in part.allSatisfy { $0 == UInt8(ascii: "0") } }
    return parts.prefix(4).allSatisfy { $0.allSatisfy(isLowerHex) } && !isZero(parts[1])
      && !isZero(parts[2])
  }

  /// Section 3.3, as far as a carrier must care: printable, and not too long to be carried.
  static func isState(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 512 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
  }

  private static func isLowerHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
  }

  private static func newParent() -> String {
    let trace = hex(.random(in: .min ... .max)) + hex(.random(in: 1 ... .max))
    return "00-\(trace)-\(hex(.random(in: 1 ... .max)))-01"
  }

  private static func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  private static func value(of name: String, in headers: HTTPFields) -> String? {
    HTTPField.Name(name).flatMap { headers[$0] }
  }
}
