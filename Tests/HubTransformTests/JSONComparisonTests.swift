import HubKit
import HubTransform
import Testing

@Suite
struct JSONComparisonTests {
  private func compare(_ left: String, _ right: String, differences: Int = 1000, fields: Int = 1000) throws
    -> JSONComparison
  {
    try JSONComparison(Array(left.utf8), Array(right.utf8), differencesMax: differences, fieldsMax: fields)
  }

  private func found(_ left: String, _ right: String) throws -> [String] {
    try compare(left, right).differences.map { "\($0.path) \($0.finding.rawValue)" }
  }

  @Test func `the order of members counts for nothing, that of items does`() throws {
    #expect(try found(#"{"a":1,"b":[1,2]}"#, #"{"b":[1,2],"a":1}"#).isEmpty)
    #expect(try found("[1,2]", "[2,1]") == ["/0 differs", "/1 differs"])
  }

  @Test(arguments: [
    ("1.0", "1"), ("1e2", "100"), ("-0", "0"), ("0e99999999999999999999", "0e99999999999999999999"),
    ("120", "1.2E+2"), ("0.50", "5e-1"), ("9007199254740993", "9007199254740993.0"), ("0.0e5", "0"),
  ])
  func `numbers of one value are the same`(_ left: String, _ right: String) throws {
    #expect(try compare(left, right).isSame)
    #expect(try compare(right, left).isSame)
  }

  @Test(arguments: [
    ("9007199254740993", "9007199254740992"), ("1", "-1"), ("1", "10"), ("0.1", "0.10000000000000000001"),
    ("1", #""1""#),
    ("0", "false"), ("null", "0"), ("null", "{}"), ("[]", "{}"), (#""\u00e9""#, #""e\u0301""#),
  ])
  func `what is another value differs at the whole`(_ left: String, _ right: String) throws {
    #expect(try found(left, right) == [" differs"])
  }

  @Test func `all differences are told, and what one side alone has once`() throws {
    let left = #"{"name":"An","owner":{"id":1,"born":{"y":1}},"plots":[{"n":1},{"n":2},{"n":3}],"e":[]}"#
    let right = #"{"plots":[{"n":1},{"n":9}],"name":"Binh","e":{},"more":{"x":[1]},"owner":{"id":1}}"#
    #expect(
      try found(left, right) == [
        "/name differs", "/owner/born onlyLeft", "/plots/1/n differs", "/plots/2 onlyLeft", "/e differs",
        "/more onlyRight",
      ])
  }

  @Test func `a field is the same only if it is in all items`() throws {
    let comparison = try compare(
      #"{"p":[{"n":1,"m":1},{"n":2,"m":1}],"q":[1,2]}"#, #"{"p":[{"n":1,"m":1},{"n":3,"m":1}],"q":[1]}"#)
    #expect(comparison.fields == ["/p/*/n": .differs, "/p/*/m": .same, "/q/*": .onlyLeft])
    #expect(try compare(#"[{"a":1},{}]"#, #"[{},{"a":1}]"#).fields == ["/*/a": .differs])
    #expect(try compare("{}", "{}").fields == ["": .same])
  }

  @Test func `a place holds no value, a path holds names as they are`() throws {
    let comparison = try compare(
      #"{"031090900001":1,"a/b~c":1,"Nguyễn Văn An":1,"ok-2.x":1,"born1990":1}"#, "{}")
    #expect(
      comparison.differences.map(\.path.description) == [
        "/031090900001", "/a~1b~0c", "/Nguyễn Văn An", "/ok-2.x", "/born1990",
      ])
    #expect(comparison.differences.map(\.path.place) == ["/*", "/*", "/*", "/ok-2.x", "/*"])
    #expect(comparison.fields == ["/*": .onlyLeft, "/ok-2.x": .onlyLeft])
  }

  @Test func `limits leave out, and say so; what differs pushes out what does not`() throws {
    let comparison = try compare(
      #"{"a":1,"b":1,"c":1,"d":1}"#, #"{"a":1,"b":2,"c":2,"d":1}"#, differences: 1, fields: 2)
    #expect(comparison.differences.count == 1 && comparison.differenceCount == 2 && !comparison.isSame)
    #expect(comparison.fields == ["/b": .differs, "/c": .differs] && comparison.hasMoreFields)
    #expect(try !compare("[1,2]", "[1,2]", fields: 1).hasMoreFields)
  }

  @Test func `what is no JSON is refused without its values`() throws {
    let error = #expect(throws: InvalidMessage.self) { try compare(#"{"id":"031090900001""#, "{}") }
    #expect(error.map { !"\($0)".contains("031090900001") } == true)
    #expect(throws: InvalidMessage.self) { try compare("{}", "") }
  }
}
