/// Reads the Prometheus text format back, strictly, by its published grammar and not by our writer.
struct Exposition {
  struct Sample: Hashable {
    var name: String
    var labels: [String: String]
    var value: Double
  }

  struct Malformed: Error {
    let line: String
  }

  private(set) var samples: [Sample] = []
  private(set) var types: [String: String] = [:]
  private(set) var help: [String: String] = [:]

  init(_ text: String) throws {
    guard text.isEmpty || text.hasSuffix("\n") else { throw Malformed(line: "no line end at the end") }
    var finished: Set<String> = []
    var current = ""
    for line in text.split(separator: "\n").map(String.init) {
      if line.hasPrefix("# ") {
        let words = line.split(separator: " ", maxSplits: 3).map(String.init)
        guard words.count == 4, Self.isName(words[2]) else { throw Malformed(line: line) }
        if words[2] != current {
          finished.insert(current)
          current = words[2]
        }
        guard !finished.contains(current) else { throw Malformed(line: "family twice: \(line)") }
        switch words[1] {
        case "HELP": help[words[2]] = words[3]
        case "TYPE": types[words[2]] = words[3]
        default: throw Malformed(line: line)
        }
      } else {
        let sample = try Self.sample(line)
        guard family(of: sample.name) == current else { throw Malformed(line: "outside its family: \(line)") }
        guard !samples.contains(where: { $0.name == sample.name && $0.labels == sample.labels }) else {
          throw Malformed(line: "twice: \(line)")
        }
        samples.append(sample)
      }
    }
  }

  /// The value of one sample.
  func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
    samples.first { $0.name == name && $0.labels == labels }?.value
  }

  private func family(of name: String) -> String {
    for suffix in ["_bucket", "_sum", "_count"] where name.hasSuffix(suffix) {
      let base = String(name.dropLast(suffix.count))
      if types[base] == "histogram" { return base }
    }
    return name
  }

  private static func isName(_ text: String) -> Bool {
    text.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) != nil
  }

  private static func sample(_ line: String) throws -> Sample {
    guard let match = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)/),
      let value = Double(String(match.3).replacing("Inf", with: "infinity"))
    else { throw Malformed(line: line) }
    var labels: [String: String] = [:]
    var rest = match.2 ?? ""
    while !rest.isEmpty {
      guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(?:,|$)/) else {
        throw Malformed(line: line)
      }
      let text = String(label.2).replacing("\\\\", with: "\u{0}").replacing("\\n", with: "\n").replacing(
        "\\\"", with: "\"")
      guard labels.updateValue(text.replacing("\u{0}", with: "\\"), forKey: String(label.1)) == nil else {
        throw Malformed(line: line)
      }
      rest = rest[label.range.upperBound...]
    }
    return Sample(name: String(match.1), labels: labels, value: value)
  }
}
