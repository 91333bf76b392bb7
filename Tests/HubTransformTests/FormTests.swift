import HubKit
import HubTransform
import Testing

@Suite("Parameters as a document")
struct FormTests {
  private let codec = FormCodec()

  private func json(_ text: String) throws -> String {
    let document = try codec.decode(
      BytesReader(Array(text.utf8)), into: MemoryBodyStore(), limits: CodecLimits())
    return String(decoding: document.json, as: UTF8.self)
  }

  @Test func `a name once is a text, a name more often a list, in the order in which they came`() throws {
    #expect(try json("b=1&a=x+y&b=2&c&d=%C4%90") == #"{"b":["1","2"],"a":"x y","c":"","d":"Đ"}"#)
    #expect(try json("") == "{}")
  }

  @Test(arguments: ["a=%zz", "a=%C3", "%"])
  func `broken escapes are told at the door`(_ text: String) {
    #expect(throws: InvalidMessage.self) {
      _ = try codec.examine(BytesReader(Array(text.utf8)), limits: CodecLimits())
    }
  }

  @Test func `only its own media type is a form`() {
    #expect(codec.recognises(mediaType: Question.parametersType, prefix: []))
    #expect(!codec.recognises(mediaType: nil, prefix: Array("a=b".utf8)))
  }
}
