internal import HubKit
internal import Logging

/// Puts what a child writes to its standard error into the hub's log: one line each, with the level that its first two
/// characters name (`E!`, `W!`, `I!`, `D!`); short, not too many, and without runs of digits that could name a person.
struct ChildLog {
  private let logger: Logger
  private var rest: [UInt8] = []
  private var window = ContinuousClock.now
  private var count = 0
  private var dropped = 0

  /// Most lines within ten seconds.
  static let linesMax = 50
  /// Longest line, in bytes.
  static let lineBytesMax = 1000

  init(_ logger: Logger) {
    self.logger = logger
  }

  mutating func take(_ bytes: [UInt8], at now: ContinuousClock.Instant) {
    rest += bytes
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      log(rest[..<end], at: now)
      rest.removeSubrange(...end)
    }
    if rest.count > Self.lineBytesMax {
      log(rest.prefix(Self.lineBytesMax), at: now)
      rest = []
    }
  }

  private mutating func log(_ line: some Collection<UInt8>, at now: ContinuousClock.Instant) {
    if now - window > .seconds(10) {
      if dropped > 0 {
        logger.warning("\(dropped) lines of the connector were dropped / đã bỏ \(dropped) dòng của bộ kết nối")
      }
      (window, count, dropped) = (now, 0, 0)
    }
    count += 1
    guard count <= Self.linesMax else {
      dropped += 1
      return
    }
    let text = Self.cleaned(String(decoding: line.prefix(Self.lineBytesMax), as: UTF8.self))
    let levels: [String: Logger.Level] = ["E!": .error, "W!": .warning, "I!": .info, "D!": .debug]
    let level = levels[String(text.prefix(2))]
    let words = level == nil ? text : String(text.dropFirst(2).drop { $0 == " " })
    if !words.isEmpty { logger.log(level: level ?? .info, "\(words)") }
  }

  /// Without control characters; nine digits and more are left out, since they may be a person's number.
  static func cleaned(_ text: String) -> String {
    var clean = ""
    var digits = ""
    func flush() {
      clean += digits.count >= 9 ? "…" : digits
      digits = ""
    }
    for scalar in text.unicodeScalars {
      if ("0"..."9").contains(scalar) {
        digits.unicodeScalars.append(scalar)
      } else {
        flush()
        clean.unicodeScalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? " " : scalar)
      }
    }
    flush()
    return clean
  }
}
