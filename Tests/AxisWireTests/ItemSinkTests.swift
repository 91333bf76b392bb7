import AxisWire
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

/// The answer of `getEdoc`, cut into pieces anywhere.
@Suite struct ItemSinkTests {
  private func read(_ answer: String, seed: UInt64 = 1) throws -> (sink: AxisItemSink, bytes: [UInt8]) {
    let writer = BytesWriter()
    let sink = AxisItemSink(into: writer)
    var random = SeededRandom(seed: seed)
    var rest = Array(answer.utf8)[...]
    while !rest.isEmpty {
      let part = rest.prefix(Int.random(in: 1...40, using: &random))
      rest = rest.dropFirst(part.count)
      try sink.write(Array(part))
    }
    return (sink, writer.bytes)
  }

  @Test(arguments: UInt64(1)...100)
  func `whatever stands around the text and however it is cut, the bytes are the same`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<Int.random(in: 1...3000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    var text = String(decoding: Base64Encoder.encode(bytes), as: UTF8.self)
    if seed.isMultiple(of: 2) { text = text.replacing("/", with: "\\/") }
    let front =
      [#"{"status":"OK", "ErrorDesc":"a \"data\": x","data" :"#, #"{"x":{"y":["data"]},"data":"#]
      .randomElement(using: &random) ?? ""
    let (sink, decoded) = try read(front + "\"\(text)\" , \"ErrorCode\":\"0\"}", seed: seed)
    #expect(decoded == bytes)
    #expect(sink.isWhole)
    let envelope = try #require(try JSONSerialization.jsonObject(with: Data(sink.envelope)) as? [String: Any])
    #expect(envelope["data"] as? String == "")
    #expect(envelope["ErrorCode"] as? String == "0")
  }

  @Test(arguments: [#"{"data":"AAA"}"#, #"{"data":"A*AA"}"#, #"{"data":""}"#, #"{"data":"AA\nAA"}"#, "{}", ""])
  func `what is no whole base64 says so`(_ answer: String) throws { #expect(try !read(answer).sink.isWhole) }

  @Test func `JSON beside the text is bounded`() throws {
    #expect(throws: BodyError.self) { try read(#"{"x":""# + String(repeating: "y", count: 70_000)) }
  }
}
