/// The journal's name for a message's whole journey: a UUID of version 7 (RFC 9562), in lower case, so that ids order
/// by the time of receipt.
public struct ExchangeID: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
  /// The UUID's 128 bits: ids are keys of every table of the bus, and a text would be hashed at each look.
  private let high, low: UInt64

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Reads a UUID of any version.
  ///
  /// - Returns: nil when `text` is no UUID.
  public init?(_ text: String) {
    var halves: [UInt64] = [0, 0]
    var digits = 0
    for (index, byte) in text.utf8.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == UInt8(ascii: "-") else { return nil }
        continue
      }
      guard digits < 32, let digit = Self.value(of: byte) else { return nil }
      halves[digits / 16] = halves[digits / 16] << 4 | digit
      digits += 1
    }
    guard digits == 32 else { return nil }
    self.init(high: halves[0], low: halves[1])
  }

  /// Takes the 16 bytes of a UUID.
  ///
  /// - Returns: nil when there are not 16.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    self.init(
      high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }, low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) })
  }

  /// Makes a new id.
  ///
  /// - Parameters:
  ///   - time: when the message was received.
  ///   - random: 74 bits are used.
  public init(time: Timestamp, random: (UInt64, UInt64)) {
    let milliseconds = UInt64(max(0, time.microseconds / 1000)) & 0xFFFF_FFFF_FFFF
    high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
    low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
  }

  /// Makes a new id from the system's random numbers.
  public static func make(at time: Timestamp) -> ExchangeID {
    ExchangeID(time: time, random: (.random(in: .min ... .max), .random(in: .min ... .max)))
  }

  /// The UUID in its usual form.
  public var text: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var place = 0
      for index in 0..<32 {
        if index == 8 || index == 12 || index == 16 || index == 20 {
          buffer[place] = UInt8(ascii: "-")
          place += 1
        }
        let half = index < 16 ? high : low
        let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - index % 16 * 4) & 0xF)
        buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        place += 1
      }
      return 36
    }
  }

  /// The 16 bytes of the UUID.
  public var bytes: [UInt8] {
    [high, low].flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - $0 * 8)) } }
  }

  private static func value(of byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The UUID.
  public var description: String { text }

  /// Orders as text would, which is by time of receipt.
  public static func < (left: ExchangeID, right: ExchangeID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

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
