import Testing

@testable import HubReplay

struct JSONLayoutTests {
  private func lines(_ json: String) -> String? { JSONLayout.lines(Array(json.utf8)) }

  @Test func `only white space changes`() {
    #expect(
      lines(#"{"a":[1,2.50,12345678901234567890],"b":{}}"#) == """
        {
          "a": [
            1,
            2.50,
            12345678901234567890
          ],
          "b": {}
        }
        """)
  }

  @Test func `text is kept, with quotes, backslashes and brackets`() {
    #expect(lines(#"[ "a\"{,}: \\", "Ấm 𠊛" ]"#) == "[\n  \"a\\\"{,}: \\\\\",\n  \"Ấm 𠊛\"\n]")
  }

  @Test func `what is no object and no list is left alone`() {
    #expect(lines("plain") == nil)
    #expect(lines("<a/>") == nil)
    #expect(lines("") == nil)
    #expect(lines("3") == nil)
  }

  @Test func `text that is cut off does no harm`() {
    #expect(lines("{\"a") == "{\n  \"a")
    #expect(lines("]}") == nil)
    #expect(lines("[]]]}") == "[]\n]\n]\n}")
  }
}
