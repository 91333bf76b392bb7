import HubKit
import HubTesting
import Testing

@testable import HubTransform

/// The quick look (cjs_sound) against the slow one, which is asked whenever somebody wants its events.
@Suite struct SoundJSONTests {
  private static let pieces =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\"a\"", "\"b\":", "\"a\":1,", "\"\\u0061\":", "1", "-0", "01", "1.5",
      "1e9", "1e308",
      "1e400", "-", ".", "e+", "9999999999999999999999", "true", "false", "null", "tru", " ", "\n", "\t", "\u{1}",
      "\u{0}",
      "\\n", "\\x", "\\ud83d", "\\ude00", "\\uD83D\\uDE00", "\\u00e9", "\"ế\"", "đ", "😀", "\u{FEFF}", "\u{7F}",
    ].map { Array($0.utf8) } + [
      [0x80], [0xC0, 0x80], [0xC3], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5],
      [0xEF, 0xBB],
    ]

  private static let documents = [
    #"{"dossier":{"id":"H24-001","name":"Nguyễn Thị Ánh","lines":[1,2.5,-3e2,true,false,null,{"a":[]},{}]},"b":"\"\\u20ac/"}"#,
    "[[[[[[1]]]]]]", "\u{FEFF} {\"a\" : [ \"😀\" , \"\\ud83d\\ude00\" ] }", "\"text\"", "12", "null",
    "{" + (0..<40).map { "\"n\($0)\":\($0)" }.joined(separator: ",") + "}",
    "{" + (0..<40).map { "\"n\($0 % 39)\":\($0)" }.joined(separator: ",") + "}",
    "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":2}]}", "{\"a\":{\"b\":1},\"b\":1,\"a\":2}",
  ].map { Array($0.utf8) }

  private func agree(_ bytes: [UInt8]) {
    for depthMax in [3, 64] {
      let scan = JSONScan(depthMax: depthMax)
      let quick = scan.problem(in: BytesReader(bytes))
      let slow = scan.problem(in: BytesReader(bytes)) { _, _ in true }
      if quick != slow { Issue.record("\(bytes) \(String(decoding: bytes, as: UTF8.self))") }
    }
  }

  @Test func `Both say the same of documents and of all that is cut off them`() {
    for document in Self.documents {
      for count in 0...document.count { agree(Array(document.prefix(count))) }
    }
  }

  @Test func `Both say the same of documents in which bytes were changed`() {
    var numbers = SeededRandom(seed: 7)
    for document in Self.documents {
      for _ in 0..<1000 {
        var bytes = document
        for _ in 0..<Int.random(in: 1...3, using: &numbers) {
          let place = Int.random(in: 0..<bytes.count, using: &numbers)
          let piece = Self.pieces.randomElement(using: &numbers) ?? []
          bytes.replaceSubrange(place..<min(bytes.count, place + Int.random(in: 0...2, using: &numbers)), with: piece)
        }
        agree(bytes)
      }
    }
  }

  @Test func `Both say the same of pieces in any order`() {
    var numbers = SeededRandom(seed: 11)
    for _ in 0..<10_000 {
      let count = Int.random(in: 1...12, using: &numbers)
      agree((0..<count).flatMap { _ in Self.pieces.randomElement(using: &numbers) ?? [] })
    }
  }

  @Test func `A NUL character ends nothing`() {
    for text in ["{}\0garbage", "{}\0", "\0{}", "[1,\0]", "1\0"] {
      agree(Array(text.utf8))
      let found = JSONScan(depthMax: 8).problem(in: BytesReader(Array(text.utf8)))
      #expect(found != nil, "\(text.debugDescription)")
    }
  }

  @Test func `What is wrong far into a long body is told with its place`() {
    let lines = (0..<120_000).map { "\"n\($0)\"" }.joined(separator: ",\n")
    for tail in ["]", ",]"] {
      let bytes = Array("[\(lines)\(tail)".utf8)
      let found = JSONScan(depthMax: 8).problem(in: BytesReader(bytes))
      #expect(found?.line == (tail == "]" ? nil : 120_000))
    }
  }
}
