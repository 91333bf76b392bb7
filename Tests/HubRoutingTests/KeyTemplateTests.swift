import HubKit
import HubRouting
import Testing

@Suite struct KeyTemplateTests {
  @Test func `A key is put together from attributes and what stands between them`() throws {
    let template = try KeyTemplate("doc:{sender}/{subject}")
    #expect(template.attributes == ["sender", "subject"])
    #expect(template.key(for: envelope(subject: "12/UBND", ["sender": "H24.1"])) == "doc:H24.1/12/UBND")
  }

  @Test func `Without one of the attributes there is no key`() throws {
    let template = try KeyTemplate("{sender}/{subject}")
    #expect(template.key(for: envelope(["sender": "H24.1"])) == nil)
    #expect(template.key(for: envelope(subject: "", ["sender": "H24.1"])) == nil)
  }

  @Test(arguments: [
    ("{sender", KeyTemplateError.unclosedBrace), ("sender}", .unopenedBrace), ("{}", .badAttribute("")),
    ("{Sender}", .badAttribute("Sender")), ("all", .noAttribute), ("", .noAttribute),
    ("{a{b}", .badAttribute("a{b")),
  ])
  func `A text that is no template is refused`(text: String, error: KeyTemplateError) {
    #expect(throws: error) { try KeyTemplate(text) }
  }
}
