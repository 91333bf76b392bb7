import EDocument
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

/// Documents for systems that do not speak edXML.
@Suite(.serialized) struct EDocumentJSONTests {
  private let edXML = EdXMLCodec()
  private let codec = EDocumentJSONCodec()
  private let store = MemoryBodyStore()
  private let limits = CodecLimits()

  private func rewritten(_ bytes: [UInt8], _ old: any Codec, _ new: any Codec) throws -> [UInt8] {
    let document = try old.decode(BytesReader(bytes), into: store, limits: limits)
    let writer = BytesWriter()
    try new.encode(document, from: store, into: writer, limits: limits)
    return writer.bytes
  }

  private func object(_ json: [UInt8]) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: Data(json)) as? NSDictionary)
  }

  private func violation(_ json: String, limits: CodecLimits = CodecLimits()) -> Violation? {
    do {
      _ = try codec.decode(BytesReader(Array(json.utf8)), into: store, limits: limits)
      return nil
    } catch {
      return error.violations.first
    }
  }

  @Test(arguments: CodecTests.readableKinds)
  func `edXML that becomes JSON comes back value for value and byte for byte`(_ kind: String) throws {
    let original = sample(kind, number: 5).body
    let json = try rewritten(original, edXML, codec)
    let back = try rewritten(json, codec, edXML)
    let (before, after) = (
      try edXML.decode(BytesReader(original), into: store, limits: limits),
      try edXML.decode(BytesReader(back), into: store, limits: limits)
    )
    #expect(try object(after.json) == object(before.json))
    #expect(after.attachments == before.attachments)
    #expect(try object(rewritten(back, edXML, codec)) == object(json))
  }

  @Test func `JSON that becomes edXML comes back, whatever stands in it`() throws {
    for seed in UInt64(0)..<200 {
      var made = MadeDocument(seed: seed)
      let json = try JSONSerialization.data(withJSONObject: made.document())
      let back = try object(rewritten(rewritten(Array(json), codec, edXML), edXML, codec))
      #expect(back["subject"] as? String == made.subject, "seed \(seed)")
      #expect((back["from"] as? NSDictionary)?["organName"] as? String == made.name, "seed \(seed)")
      #expect((back["to"] as? [NSDictionary])?.map { $0["organId"] as? String } == made.receivers, "seed \(seed)")
      let files = try #require(back["attachments"] as? [NSDictionary])
      #expect(
        files.map { ($0["data"] as? String).flatMap { Data(base64Encoded: $0) } } == made.files, "seed \(seed)")
      #expect(files.map { $0["byteCount"] as? Int } == made.files.map(\.count), "seed \(seed)")
    }
  }

  @Test(arguments: ["plain", "attachments", "status", "revoke"])
  func `the door learns from JSON what it learns from edXML`(_ kind: String) throws {
    let original = sample(kind, number: 6).body
    let told = try edXML.examine(BytesReader(original), limits: limits)
    let json = try rewritten(original, edXML, codec)
    let examination = try codec.examine(BytesReader(json), limits: limits)
    #expect(examination.fingerprint == told.fingerprint)
    #expect((examination.type, examination.sender, examination.subject) == (told.type, told.sender, told.subject))
    #expect((examination.receivers, examination.businessKeys) == (told.receivers, told.businessKeys))
    #expect(examination.attachmentCount == told.attachmentCount)
  }

  @Test func `a mark of secrecy is seen in JSON`() throws {
    let json = #"{"kind":"document","documentId":"d","subject":"[TỐI MẬT] Kế hoạch","from":{"organId":"H24.1"}}"#
    let marks = try codec.examine(BytesReader(Array(json.utf8)), limits: limits).secretMarks
    #expect(marks.first?.description.contains("mật") == true)
  }

  @Test(arguments: [1, 2, 3, 7, 4096])
  func `base64 is read however it is cut, escaped and broken`(_ step: Int) throws {
    let bytes = Data((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 3) })
    let text = bytes.base64EncodedString().enumerated().reduce(into: "") { text, next in
      if next.offset % 76 == 75 { text += #"\r\n"# }
      text += next.element == "/" ? #"\/"# : next.element == "+" ? #"\u002B"# : String(next.element)
    }
    let json = #"{"kind":"document","att\u0061chments":[{"attachmentName":"data","data":"\#(text)"}],"subject":"a\"b"}"#
    let document = try codec.decode(SteppingReader(Array(json.utf8), step), into: store, limits: limits)
    #expect(document.attachments == [.inline(Array(bytes))])
    #expect(try object(document.json)["subject"] as? String == "a\"b")
  }

  @Test(arguments: [
    (#"{"subjekt":"x"}"#, "/subjekt"),
    (#"{"from":{"organId":{"a":1}}}"#, "/from/organId/a"),
    (#"{"subject":"a\u0001b"}"#, "/subject"),
    (#"{"attachments":[{"attachmentName":"a"}]}"#, "/attachments/0/data"),
    (#"{"attachments":[{"data":5}]}"#, "/attachments/0/data"),
    (#"{"attachments":[{"data":"QUJD"},{"data":"QU!D"}]}"#, "/attachments/1/data"),
    (#"{"attachments":[{"data":"QUJ"}]}"#, "/attachments/0/data"),
    (#"{"attachments":[{"data":"QUJD","data":"QUJD"}]}"#, "/attachments/0/data"),
    (#"{"attachments":[{"data":"QUJD"#, "/attachments/0/data"),
    (#"{"attachments":[{"data":"QUJD","byteCount":4}]}"#, "/attachments/0/byteCount"),
    (#"{"attachments":[{"data":"QUJD","nmae":"x"}]}"#, "/attachments/0/nmae"),
    ("[]", ""),
  ])
  func `what is wrong is named by a JSON Pointer`(_ json: String, _ pointer: String) {
    #expect(violation(json)?.path == pointer)
  }

  @Test(arguments: ["", "{", #"{"a":"#, "}}", #"{"kind" "document"}"#, #"{"subject":"a"#])
  func `what is no JSON is refused`(_ json: String) { #expect(violation(json)?.rule == "json-syntax") }

  @Test func `limits hold`() {
    let small = CodecLimits(depthMax: 8, documentBytesMax: 200, attachmentBytesMax: 3)
    #expect(violation(#"{"attachments":[{"data":"QUJDRA=="}]}"#, limits: small)?.rule == "attachment-too-large")
    #expect(violation(#"{"attachments":[{"data":"QUJD"}]}"#, limits: small) == nil)
    #expect(
      violation(#"{"subject":"\#(String(repeating: "a", count: 300))"}"#, limits: small)?.rule == "document-too-large")
    #expect(violation(String(repeating: "[", count: 9), limits: small)?.rule == "json-depth")
  }
}

/// A document of anything that JSON and XML can both carry.
private struct MadeDocument {
  private var random: SeededRandom
  var subject = ""
  var name = ""
  var receivers: [String] = []
  var files: [Data] = []

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func document() -> [String: Any] {
    subject = text()
    name = text()
    receivers = (0..<Int.random(in: 1...4, using: &random)).map { "H24.\(100 + $0)" }
    files = (0..<Int.random(in: 0...3, using: &random)).map { _ in
      Data(
        (0..<Int.random(in: 0...70_000, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) })
    }
    return [
      "kind": "document", "documentId": "d-1", "subject": subject, "from": ["organId": "H24.2", "organName": name],
      "to": receivers.map { ["organId": $0] },
      "attachments": files.enumerated().map { index, file in
        ["attachmentName": "tệp \(index).bin", "contentType": "application/pdf", "data": file.base64EncodedString()]
      },
    ]
  }

  /// Trimmed, as edXML's values are.
  private mutating func text() -> String {
    let pieces = ["a", "Ứ", "<", "&", "\"", "'", "]]>", "\n", "\r", "\t", " ", "😀", "\u{0301}", "\\", "/", "mật độ"]
    let middle = (0..<Int.random(in: 0...12, using: &random)).map { _ in
      pieces[Int.random(in: 0..<pieces.count, using: &random)]
    }
    return "x\(middle.joined())y"
  }
}

/// Gives a few bytes at a time.
private final class SteppingReader: BodyReader {
  private let reader: BytesReader
  private let step: Int

  init(_ bytes: [UInt8], _ step: Int) {
    reader = BytesReader(bytes)
    self.step = step
  }

  func read(upTo count: Int) throws(BodyError) -> [UInt8] { try reader.read(upTo: min(step, count)) }
}
