/// The journal's name for a message's whole journey: a UUID of version 7 (RFC 9562), in lower case, so that ids order
/// by the time of receipt.
public struct ExchangeID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The UUID in its usual form.
  public let text: String

  /// Reads a UUID of any version.
  ///
  /// - Returns: nil when `text` is no UUID.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 36 else { return nil }
    for (index, byte) in bytes.enumerated() {
      let wantsHyphen = index == 8 || index == 13 || index == 18 || index == 23
      guard wantsHyphen ? byte == UInt8(ascii: "-") : Character(Unicode.Scalar(byte)).isHexDigit else { return nil }
    }
    self.text = text.lowercased()
  }

  /// Makes a new id.
  ///
  /// - Parameters:
  ///   - time: when the message was received.
  ///   - random: 74 bits are used.
  public init(time: Timestamp, random: (UInt64, UInt64)) {
    let milliseconds = UInt64(max(0, time.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
    let high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    let hex = Self.hex(high) + Self.hex(low)
    text = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
      String(hex[range])
    }.joined(separator: "-")
  }

  /// Makes a new id from the system's random numbers.
  public static func make(at time: Timestamp) -> ExchangeID {
    ExchangeID(time: time, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }

  private static func hex(_ value: UInt64) -> [Character] {
    let digits = Array("0123456789abcdef")
    return (0..<16).map { digits[Int(value >> UInt64(60 - $0 * 4) & 0xF)] }
  }

  /// The UUID.
  public var description: String { text }

  /// Orders by text, which is by time of receipt.
  public static func < (left: ExchangeID, right: ExchangeID) -> Bool { left.text < right.text }

  /// Reads an id from a string.
  public init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = ExchangeID(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "not a UUID: \(text)"))
    }
    self = id
  }

  /// Writes the id as a string.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

/// Where an exchange stands. The last three are ends.
public enum ExchangeState: String, Sendable, Hashable, Codable, CaseIterable {
  /// Written down; not routed yet.
  case received
  /// Routed; at least one delivery has not ended.
  case underway
  /// Every delivery reached its receiver.
  case delivered
  /// Some deliveries reached their receiver, others ended otherwise.
  case partly
  /// No delivery reached its receiver, or none could be made.
  case failed

  /// Whether nothing more will happen by itself.
  public var isSettled: Bool { self == .delivered || self == .partly || self == .failed }
}

/// Where a delivery stands. All but the first two are ends.
public enum DeliveryState: String, Sendable, Hashable, Codable, CaseIterable {
  /// Not tried yet, or between two attempts.
  case waiting
  /// Behind a parked message of the same lane.
  case held
  /// The receiver has it.
  case delivered
  /// The receiver, or the system before him, said no for good. It lies among the dead letters.
  case refused
  /// Given up or in doubt; waits for a person among the dead letters.
  case parked
  /// Nobody wanted it any more before it could be sent.
  case expired
  /// It was sent as a question, and whoever asked had gone before the answer came.
  case abandoned

  /// Whether nothing more will happen by itself.
  public var isEnd: Bool { self != .waiting && self != .held }
}

/// The hub's word that it has a message: given only after the disk has it too.
public struct Receipt: Sendable, Hashable, Codable {
  /// The exchange that the message began.
  public var exchange: ExchangeID
  /// When it was written down.
  public var receivedAt: Timestamp
  /// True when the same message had come before; the receipt is then the first one's.
  public var duplicate: Bool

  /// Creates a receipt. Only the bus has reason to.
  public init(exchange: ExchangeID, receivedAt: Timestamp, duplicate: Bool) {
    self.exchange = exchange
    self.receivedAt = receivedAt
    self.duplicate = duplicate
  }
}

/// How an exchange ended.
public struct Outcome: Sendable, Hashable, Codable {
  /// The end.
  public var state: ExchangeState
  /// Why, when it is not ``ExchangeState/delivered``; a sentence for the sender.
  public var reason: String?
  /// Who failed and how, when somebody did.
  public var fault: Fault?

  /// Creates an outcome. Only the bus has reason to.
  public init(state: ExchangeState, reason: String? = nil, fault: Fault? = nil) {
    self.state = state
    self.reason = reason
    self.fault = fault
  }
}

/// Who failed, and how.
public struct Fault: Sendable, Hashable, Codable {
  /// On which side of the hub's outer wall.
  public enum Origin: String, Sendable, Hashable, Codable {
    /// The hub, or its configuration.
    case hub
    /// The system that was asked.
    case farSystem = "far-system"
  }

  /// What kind of failure, for whoever has to choose what to do next.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// The question or its content is at fault: put again it fails again.
    case invalid
    /// The far system said no.
    case refused
    /// The far system is away or asks to wait; the question was not taken.
    case unavailable
    /// The answer was lost, or makes no sense: the far system may have acted on the question.
    case inDoubt = "in-doubt"
    /// The time was over before the question was sent.
    case expired
    /// The time was over after the question was sent: the far system may have acted on it.
    case abandoned
  }

  /// Who.
  public var origin: Origin
  /// What kind.
  public var kind: Kind
  /// Stable word of whoever failed, as in `http-503` or `schema`.
  public var code: String
  /// When trying again makes sense.
  public var retryAfter: Duration?

  /// Creates a fault.
  public init(_ origin: Origin, _ kind: Kind, code: String, retryAfter: Duration? = nil) {
    self.origin = origin
    self.kind = kind
    self.code = code
    self.retryAfter = retryAfter
  }
}

/// What came of a question.
public struct Answer: Sendable {
  /// The exchange in which it is on record.
  public var receipt: Receipt
  /// How it ended.
  public var outcome: Outcome
  /// The far system's answer, mapped back by the route; nil when there is none, or none any more: a question that is
  /// repeated with the same id finds how it ended, but not its answer.
  public var reply: Reply?

  /// Creates an answer. Only the bus has reason to.
  public init(receipt: Receipt, outcome: Outcome, reply: Reply?) {
    self.receipt = receipt
    self.outcome = outcome
    self.reply = reply
  }
}
