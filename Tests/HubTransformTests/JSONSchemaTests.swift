import HubKit
import HubTransform
import Testing

private func plan(_ schema: String) -> TransformPlan {
  TransformPlan(id: schema, validate: [.jsonSchema(source(schema, name: "hoso.schema.json"))])
}

@Suite struct JSONSchemaTests {
  let bench = Bench()
  let schema = #"""
    {"type":"object","required":["ma","nguoiNop"],"additionalProperties":false,"properties":{
      "ma":{"type":"string","pattern":"^H[0-9]{2}$"},
      "ngay":{"type":"string","format":"date"},
      "phi":{"type":"array","items":{"type":"object","properties":{"so/tien":{"type":"integer","minimum":0}}}},
      "nguoiNop":{"$ref":"#/definitions/nguoi"}},
     "definitions":{"nguoi":{"type":"object","properties":{
        "cccd":{"type":"string","pattern":"^[0-9]{12}$"},"ten":{"type":"string","pattern":"^[A-ZÀ-Ỹa-zà-ỹ ]{3,20}$"}}}}}
    """#

  @Test func aGoodDocumentPasses() async throws {
    let good =
      #"{"ma":"H24","ngay":"2026-11-23","phi":[{"so/tien":1}],"nguoiNop":{"cccd":"031085000123","ten":"Phạm Văn Thử"}}"#
    #expect(try await bench.json(plan(schema), good) == .output(TransformOutput()))
  }

  @Test func allViolationsAreToldEachAtItsPlace() async throws {
    let bad =
      #"{"ngay":"23/11/2026","phi":[{"so/tien":1},{"so/tien":-5}],"nguoiNop":{"cccd":"0310850001","ten":"7"},"la":1}"#
    let violations = try await bench.json(plan(schema), bad).violations
    #expect(violations.allSatisfy { $0.rule == "schema" })
    let places = Set(violations.compactMap(\.path))
    #expect(places == ["", "/ngay", "/phi/1/so~1tien", "/nguoiNop/cccd", "/nguoiNop/ten"], "\(violations)")
    #expect(violations.contains { $0.message.contains("Missing required property 'ma'") })
    #expect(violations.contains { $0.path == "/nguoiNop/cccd" && $0.message.contains("pattern") })
    #expect(!violations.contains { $0.description.contains("0310850001") || $0.description.contains("23/11") })
  }

  @Test func valuesAreNeverQuoted() async throws {
    let words = [
      #"{"enum":["a"]}"#, #"{"const":"a"}"#, #"{"maxLength":3}"#, #"{"pattern":"^a$"}"#, #"{"type":"number"}"#,
      #"{"not":{}}"#, #"{"format":"date"}"#, #"{"anyOf":[{"const":1},{"const":2}]}"#, #"{"oneOf":[{},{}]}"#,
      #"{"type":"array"}"#, "false",
    ]
    for word in words {
      let violations = try await bench.json(plan(word), #""031085000123""#).violations
      #expect(!violations.isEmpty, "\(word)")
      #expect(violations.allSatisfy { !$0.description.contains("0310") }, "\(violations)")
    }
    let named = try await bench.json(plan(#"{"additionalProperties":{"type":"string"}}"#), #"{"031085000123":1}"#)
    #expect(named.violations.allSatisfy { !$0.description.contains("031085") })
  }

  @Test func charactersCountNotBytes() async throws {
    let five = plan(#"{"type":"string","pattern":"^.{5}$","maxLength":5}"#)
    #expect(try await bench.json(five, #""Đường""#) == .output(TransformOutput()))
    #expect(try await bench.json(five, #""Đườn""#).violations.count == 1)
  }

  @Test func formatsAskOnlyStrings() async throws {
    #expect(try await bench.json(plan(#"{"format":"date"}"#), "{}") == .output(TransformOutput()))
    #expect(try await bench.json(plan(#"{"format":"email"}"#), "[1]") == .output(TransformOutput()))
    #expect(try await bench.json(plan(#"{"format":"date-time"}"#), #""x""#).violations.count == 1)
  }

  @Test(arguments: [
    (#"{"$ref":"http://example.com/a.json"}"#, "not followed"), (##"{"$ref":"#/definitions/a"}"##, "points to nothing"),
    (
      ##"{"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}},"properties":{"x":{"$ref":"#/definitions/a"}}}"##,
      "leads back to itself"
    ),
    (#"{"properties":{"x":{"pattern":"["}}}"#, "at /properties/x/pattern"), ("[]", "a schema is an object"),
    (#"{"$schema":"https://json-schema.org/draft/2020-12/schema"}"#, "drafts 4, 6 and 7"),
    (#"{"required":1}"#, ""), ("{", "not JSON"),
  ])
  func whatCannotWorkIsFoundWhenChecked(schema: String, words: String) {
    let complaints = compileComplaints(of: plan(schema))
    #expect(complaints.count == 1)
    #expect(complaints.first.map { words.isEmpty || $0.message.contains(words) } == true, "\(complaints)")
    #expect(complaints.first?.source == "hoso.schema.json")
  }

  @Test func aSchemaThatRefersToItselfWorks() async throws {
    let tree = plan(##"{"properties":{"con":{"type":"array","items":{"$ref":"#"}},"n":{"type":"integer"}}}"##)
    #expect(try await bench.json(tree, #"{"con":[{"con":[{"n":1}]}]}"#) == .output(TransformOutput()))
    #expect(try await bench.json(tree, #"{"con":[{"con":[{"n":"x"}]}]}"#).violations.map(\.path) == ["/con/0/con/0/n"])
  }

  @Test func whatCannotBeCheckedSafelyIsRefused() async throws {
    let long = "\"" + String(repeating: "a", count: 2_000_000) + "\""
    #expect(try await bench.json(plan(#"{"pattern":"^(a|b)*$"}"#), long).violations.count == 1)
    let many = "[" + (0..<6000).map(String.init).joined(separator: ",") + "]"
    #expect(try await bench.json(plan(#"{"uniqueItems":true}"#), many).violations.count == 1)
    let longest = "\"" + String(repeating: "a", count: 16_000) + "\""
    #expect(try await bench.json(plan(#"{"pattern":"^(a|b)*$"}"#), longest) == .output(TransformOutput()))
  }

  @Test func allValidatorsSpeak() async throws {
    let both = TransformPlan(
      id: "both",
      validate: [.jsonSchema(source(#"{"required":["a"]}"#)), .jsonSchema(source(#"{"required":["b"]}"#))],
      map: [.jq(source("error(\"never\")"))])
    #expect(try await bench.json(both, "{}").violations.count == 2)
  }
}
