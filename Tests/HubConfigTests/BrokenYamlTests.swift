import HubConfig
import HubKit
import HubRouting
import Testing

/// Whatever is done to the files, reading them ends, and what is refused is refused with a place.
@Suite struct BrokenYamlTests {
  /// The same numbers for the same seed (xorshift64*).
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed &* 0x2545_F491_4F6C_DD1D | 1 }

    mutating func next() -> UInt64 {
      state ^= state >> 12
      state ^= state << 25
      state ^= state >> 27
      return state &* 0x2545_F491_4F6C_DD1D
    }
  }

  private static let rich =
    Sample.route + [
      "when: |", "  .a != null", "validate: [{jsonSchema: a.json}]", "order: \"{sender}/{subject}\"",
      "keys: [{name: dossier, jq: .code, personal: false}]", "expiry: 7d", "why: >-", "  vì", "tests:", "  - name: một",
      "    input: {attributes: {sender: H24.1}, body: \"{}\"}", "    expect: {state: delivered, deliveries: []}",
    ]

  private static let pieces: [[UInt8]] =
    [
      ":", "- ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a", "!!int ", "|", ">", "\t", "\n", "\r", "  ", "? ",
      "---",
      "%", "@", "`", "\u{FEFF}", "\u{2028}", "\u{85}", "null", "~", "<<: ", "🏙", "999999999999999999999999", "0x1F",
    ].map { Array($0.utf8) } + [[0xFF], [0xC3], [0x00], [0xED, 0xA0, 0x80]]

  private func mutate(_ bytes: [UInt8], _ random: inout Seeded) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes.insert(contentsOf: Self.pieces.randomElement(using: &random) ?? [], at: place)
      case 1 where place < bytes.count: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...12, using: &random)))
      case 3:
        let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
        bytes.insert(contentsOf: bytes[place..<end], at: place)
      default: bytes.removeSubrange(place...)
      }
    }
    return bytes
  }

  @Test(arguments: [UInt64](1...6))
  func `No broken file stops the reader, and every complaint lies inside its file`(seed: UInt64) {
    var random = Seeded(seed: seed)
    var files = Sample.files
    files["routes/10.yaml"] = Self.rich
    files["schemas/a.json"] = "{}"
    let good = files.mapValues { Array($0.utf8) }
    let paths = good.keys.sorted()
    for _ in 0..<80 {
      var contents = good
      let path = paths.randomElement(using: &random) ?? "hub.yaml"
      contents[path] = mutate(good[path] ?? [], &random)
      let (configuration, complaints) = loadConfiguration(
        ConfigFiles(contents), connectors: sampleConnectors, mocks: sampleConnectors, secrets: .unresolved)
      #expect((configuration == nil) == complaints.contains { $0.severity == .error })
      for complaint in complaints {
        let text = String(decoding: contents[complaint.file] ?? [], as: UTF8.self)
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.count
        #expect((1...lines + 1).contains(complaint.line), "\(complaint) of \(lines) lines")
        #expect(complaint.column >= 1 && !complaint.message.isEmpty && !complaint.vi.isEmpty)
      }
    }
  }

  @Test func `Deep nesting is refused, not followed`() {
    for text in [
      String(repeating: "[", count: 500_000), String(repeating: "- ", count: 400_000),
      "a: " + String(repeating: "{a: ", count: 900),
      "hub: " + String(repeating: "[", count: 70) + String(repeating: "]", count: 70),
    ] {
      let codes = Sample.load(["hub.yaml": text]).complaints.map(\.code)
      #expect(codes == ["yaml-syntax"] || codes == ["yaml-too-deep"], "\(codes)")
    }
  }

  @Test func `Aliases that would grow without bound are refused at once`() {
    let levels = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]" }
    let text = (["a0: &a0 x"] + levels).joined(separator: "\n")
    let start = ContinuousClock.now
    #expect(Sample.load(["hub.yaml": text]).complaints.allSatisfy { $0.code == "yaml-anchor" })
    #expect(ContinuousClock.now - start < .seconds(5))
  }
}
