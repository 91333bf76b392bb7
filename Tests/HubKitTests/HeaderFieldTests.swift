import HubKit
import Testing

@Suite struct HeaderFieldTests {
  private let fields = [
    HeaderField("Content-Type", "application/json"), HeaderField("X-Key", "first"),
    HeaderField("x-key", "second"),
    HeaderField("Empty", ""),
  ]

  @Test(arguments: ["content-type", "CONTENT-TYPE", "Content-Type", "cOnTeNt-tYpE"])
  func `A field is found whatever the case of its name`(name: String) {
    #expect(fields[name] == "application/json")
  }

  @Test func `Of fields with the same name the first counts`() {
    #expect(fields["X-KEY"] == "first")
  }

  @Test func `An empty value is a value, an absent field is none`() {
    #expect(fields["empty"] == "")
    #expect(fields["content"] == nil)
    #expect(fields["content-type "] == nil)
    #expect(fields[""] == nil)
    #expect([HeaderField]()["a"] == nil)
  }

  @Test func `An answer in JSON says so`() {
    let answer = ServedResponse.json(status: 404, #"{"mã":1}"#)
    #expect(answer.status == 404)
    #expect(answer.headers["content-type"] == "application/json")
    #expect(answer.body == Array(#"{"mã":1}"#.utf8))
  }
}
