import HubKit
import HubTransform
import Testing

@Suite struct JqTests {
  let bench = Bench()

  @Test func aProgramSeesTheDocumentTheEnvelopeAndTheTimeOfReceipt() async throws {
    let result = try await bench.json(
      jqPlan("{ten: .hoTen, tu: $envelope.sender, loai: $envelope.type, luc: $now}"), #"{"hoTen":"Phạm Văn Thử"}"#)
    #expect(
      result.bodyText
        == #"{"ten":"Phạm Văn Thử","tu":"H24.1","loai":"vn.test","luc":"2026-09-21T14:13:20.000Z"}"#)
    #expect(result.output?.mediaType == "application/json")
  }

  @Test func stepsWorkOnWhatTheStepBeforeMade() async throws {
    let plan = TransformPlan(id: "two", map: [.jq(source(".a")), .jq(source("[., $envelope.id]"))])
    #expect(try await bench.json(plan, #"{"a":7}"#).bodyText == #"[7,"1"]"#)
  }

  @Test func whenDecidesByTruth() async throws {
    for (program, matched) in [("true", true), ("0", true), (".x", false), ("false", false), (".a == 1", true)] {
      let result = try await bench.json(TransformPlan(id: program, when: source(program)), #"{"a":1}"#)
      #expect(result == (matched ? .output(TransformOutput()) : .notMatched), "when: \(program)")
    }
  }

  @Test func whenCanLookAtTheEnvelopeOfABodyThatIsNotJSON() async throws {
    let plan = TransformPlan(id: "w", when: source("$envelope.type == \"vn.test\" and . == null"))
    #expect(try await bench.xml(plan, "<a/>") == .output(TransformOutput()))
  }

  @Test func keysAreStringsNumbersOrArraysOfThem() async throws {
    let plan = TransformPlan(
      id: "keys",
      keys: [
        KeyRule(name: "document", jq: source(".so")), KeyRule(name: "dossier", jq: source("[.ma, .ma, .n, null]")),
        KeyRule(name: "person", jq: source(".cccd?"), personal: true),
      ])
    let result = try await bench.json(plan, #"{"so":"12/UBND","ma":"H24-1","n":5}"#)
    #expect(
      result.output?.keys == [
        BusinessKey(name: "document", value: "12/UBND"), BusinessKey(name: "dossier", value: "H24-1"),
        BusinessKey(name: "dossier", value: "5"),
      ])
    let bad = try await bench.json(TransformPlan(id: "bad", keys: [KeyRule(name: "k", jq: source("{}"))]), "{}")
    #expect(bad.violations.first?.rule == "key")
  }

  @Test func aProgramMustYieldExactlyOneValue() async throws {
    #expect(try await bench.json(jqPlan("empty"), "{}").violations.first?.message.contains("yields nothing") == true)
    #expect(try await bench.json(jqPlan("1,2"), "{}").violations.first?.message.contains("more than one") == true)
    #expect(try await bench.json(jqPlan("null"), "{}").bodyText == "null")
  }

  @Test func aStringResultIsJSON() async throws {
    #expect(try await bench.json(jqPlan(".a"), #"{"a":"x\"\\\n\u0001é"}"#).bodyText == #""x\"\\\n\u0001é""#)
  }

  @Test func integersThatJqWouldChangeAreRefusedWithTheirPlace() async throws {
    let result = try await bench.json(jqPlan("."), #"{"a":[1,{"b":9007199254740993}],"c":9007199254740992,"d":1e30}"#)
    #expect(result.violations.map(\.rule) == ["json-number"])
    #expect(result.violations.map(\.path) == ["/a/1/b"])
    #expect(try await bench.json(jqPlan(".c"), #"{"a":"9007199254740993","c":-9007199254740992}"#).bodyText != nil)
    #expect(try await bench.json(jqPlan("."), #"[-12345678901234567890]"#).violations.count == 1)
  }

  @Test func errorsOfAProgramNeverQuoteTheMessage() async throws {
    for program in [
      ".a + 1", ".a | keys", ".a | tonumber", ".[.a]?, .a.b", "error(.a)", ".a[]", "{(.a|tojson): 1} | .[0]",
      "error({x: .a})", ".a | ltrimstr(1) | error", ".a | test(\"(\")", ".a - .a", "@base32d", ".a | implode",
    ] {
      let result = try await bench.json(jqPlan(program), #"{"a":"031085000123 Phạm Văn Thử"}"#)
      let texts = result.violations.map(\.description)
      #expect(!texts.isEmpty, "\(program)")
      #expect(texts.allSatisfy { !$0.contains("031085") && !$0.contains("Phạm") && !$0.contains("Thử") }, "\(texts)")
    }
    let own = try await bench.json(jqPlan(#"if .a then error("Thiếu mã hồ sơ") else . end"#), #"{"a":1}"#)
    #expect(own.violations.map(\.message) == ["map.jq: Thiếu mã hồ sơ"])
  }

  @Test(arguments: [
    "now", "env", "$ENV", "input", "inputs", "debug", "stderr", "input_line_number", "input_filename", "halt",
    "halt_error", "localtime", "$ENV.PATH", ".a | now", "\"\\(now)\"", "{a: now}", "[1, now]", "{(now|tostring): 1}",
    "\"a \\(\"b \\(env)\")\"", "def f: now; f",
  ])
  func wordsThatReachOutsideAreRefusedWhenChecked(program: String) {
    let complaints = compileComplaints(of: jqPlan(program))
    #expect(complaints.count == 1)
    #expect(complaints.first?.message.contains("is not allowed") == true, "\(complaints)")
  }

  @Test func importsAreRefused() {
    #expect(!compileComplaints(of: jqPlan("import \"a\" as a; .")).isEmpty)
    #expect(!compileComplaints(of: jqPlan("include \"a\"; .")).isEmpty)
  }

  @Test(arguments: [
    ".now", "{now: 1}", "{now}", "{a: 1, now}", "$now", "\"now\"", ". # now\n", ".a.env", "{input: .x, \"env\": 2}",
    "\"\\(.now)\"", "\"\\\\(now)\"", "@base64 \"x\\(.debug)\"", ". as {now: $x} | $x", "getpath([\"now\"])",
  ])
  func namesThatOnlyLookLikeThemAreAllowed(program: String) {
    #expect(compileComplaints(of: jqPlan(program)).isEmpty)
  }

  @Test func complaintsNameTheAuthorsLine() {
    let complaints = compileComplaints(of: jqPlan("{\n  a: 1,\n  b: }\n}"))
    #expect(complaints.first?.source == "map.jq")
    #expect(complaints.first?.line == 3)
    let unknown = compileComplaints(of: jqPlan(".a\n| khongCo"))
    #expect(unknown.first?.line == 2)
    #expect(unknown.first?.message.contains("khongCo/0 is not defined") == true)
    let word = compileComplaints(of: jqPlan("\n  [.a, now]"))
    #expect(word.first.map { [$0.line, $0.column] } == [2, 8])
  }

  @Test func resultsThatAreTooLargeOrTooDeepAreRefused() async throws {
    let bench = Bench(TransformLimits(outputBytesMax: 1000))
    #expect(try await bench.json(jqPlan("\"x\" * 2000"), "{}").violations.first?.rule == "output-too-large")
    let deep = try await bench.json(jqPlan("reduce range(100000) as $i (1; [.])"), "{}")
    #expect(deep.violations.first?.rule == "json-depth")
  }

  @Test func aJqStepOverABodyWithoutJSONIsInvalid() async throws {
    let result = try await bench.xml(jqPlan("."), "<a/>")
    #expect(result.violations.map(\.rule) == ["no-json"])
  }

  @Test func aProgramThatDoesNotCompileMakesTheMessageInvalid() async throws {
    #expect(try await bench.json(jqPlan("{"), "{}").violations.first?.rule == "shape")
  }
}
