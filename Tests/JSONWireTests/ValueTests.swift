import HubKit
import JSONWire
import Testing

private func value(_ text: String) -> JSONValue? { JSONValue(Array(text.utf8)) }

@Suite struct ValueTests {
  @Test func `one value has one text, whoever wrote it`() {
    let one = value(#"{ "b" : [1, 2.5, true, null], "a": "x\/y", "Ắ": "\u1EA6" }"#)
    let other = value(#"{"Ắ":"Ầ","a":"x/y","b":[1,2.5,true,null]}"#)
    #expect(one == other)
    #expect(one?.bytes == Array(#"{"a":"x/y","b":[1,2.5,true,null],"Ắ":"Ầ"}"#.utf8))
  }

  @Test(
    arguments: [
      ("null", .null), ("true", .flag(true)), ("1", .whole(1)), ("-9223372036854775808", .whole(.min)),
      ("0.5", .number(0.5)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)), (#""1""#, .text("1")), ("[]", .list([])),
      ("{}", .object([:])),
    ] as [(String, JSONValue)])
  func `every kind of value is told from the others`(_ text: String, _ expected: JSONValue) {
    #expect(value(text) == expected)
  }

  @Test(arguments: [
    "", " ", "{", "[1,]", "[1 , ]", "{\"a\":\"b\",\n}", "{'a':1}", "{} {}", "// a\n1", "01", "1e999", "nan",
    "\u{FEFF}{}",
  ])
  func `what is no JSON text is refused`(_ text: String) { #expect(value(text) == nil) }

  @Test(arguments: [[0x22, 0xFF, 0x22], [0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x31]] as [[UInt8]])
  func `only UTF-8 is read`(_ bytes: [UInt8]) { #expect(JSONValue(bytes) == nil) }

  @Test func `commas and brackets in texts are texts`() {
    #expect(value(#"[",]", "\",}", "\\", 1]"#) == .list([.text(",]"), .text("\",}"), .text("\\"), .whole(1)]))
  }

  @Test func `members are read and set in objects only`() {
    var object = value(#"{"a":"1","b":[2]}"#) ?? .null
    #expect(object["a"]?.string == "1")
    #expect(object["b"]?.items == [.whole(2)])
    #expect(object["c"] == nil)
    object["a"] = nil
    object["c"] = .flag(false)
    #expect(object.bytes == Array(#"{"b":[2],"c":false}"#.utf8))
    var list = JSONValue.list([])
    list["a"] = .null
    #expect(list == .list([]))
    #expect(list["a"] == nil)
    #expect(list.string == nil)
    #expect(object.items.isEmpty)
  }

  @Test func `an answer carries the value's one text`() {
    let answer = JSONValue.object(["b": .whole(1), "a": .text("/")]).response(status: 201)
    #expect(answer.status == 201)
    #expect(answer.headers == [HeaderField("Content-Type", "application/json")])
    #expect(answer.body == Array(#"{"a":"/","b":1}"#.utf8))
    #expect(ServedResponse.encoding(["b": 1, "a": 2]).body == Array(#"{"a":2,"b":1}"#.utf8))
  }

  @Test func `a number that JSON does not have is not written`() {
    #expect(JSONBytes.of(JSONValue.number(.infinity)) == nil)
    #expect(JSONValue.list([.number(.nan)]).bytes.isEmpty)
    let answer = ServedResponse.encoding(Double.nan)
    #expect(answer.status == 500)
    #expect(answer.body.isEmpty)
  }
}
