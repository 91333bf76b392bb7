/// Writes the Prometheus text exposition format, version 0.0.4.
struct PrometheusText {
  /// What `Content-Type` says.
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  /// Kinds of families.
  enum Kind: String, Sendable {
    case counter, gauge, histogram
  }

  /// What was written so far.
  private(set) var text = ""

  /// Begins a family: its samples must follow before the next one begins.
  mutating func begin(_ name: String, _ kind: Kind, help: String) {
    text += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(kind.rawValue)\n"
  }

  /// Writes one sample.
  mutating func sample(_ name: String, _ labels: [(name: String, value: String)] = [], _ value: Double) {
    text += name
    if !labels.isEmpty {
      text += "{"
      text += labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
      text += "}"
    }
    text += " \(Self.number(value))\n"
  }

  /// Writes a family of a single sample.
  mutating func single(_ name: String, _ kind: Kind, help: String, _ value: Double) {
    begin(name, kind, help: help)
    sample(name, [], value)
  }

  /// A number as Go's parser reads it.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\"" where quotes: result += "\\\""
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
