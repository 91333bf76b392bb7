public import HubKit
public import HubRouting

/// A far system as a file plays it: what `connectors/<name>/mock.yaml` says, every value checked.
public struct MockScenario: Sendable {
  /// One request that the far system knows.
  public struct Rule: Sendable {
    /// Method; nil: any.
    public var method: String?
    /// Path; a segment in braces stands for any segment and is named by it.
    public var path: String
    /// A jq predicate over the request's document.
    public var when: TextSource?
    /// So many matching requests pass to later rules first.
    public var skip: Int
    /// So many requests are answered by it, then it sleeps; nil: all.
    public var times: Int?
    /// Status of the answer.
    public var status: Int
    /// Header fields of the answer.
    public var headers: [String: String]
    /// A jq program that gives the answer's body: a string as it is, anything else as JSON; nil: no body.
    public var body: TextSource?
    /// A jq program that gives the next state; nil: it stays.
    public var state: TextSource?
    /// How long the answer takes at least, and at most.
    public var delay: (min: Duration, max: Duration)
  }

  /// The mock's own settings.
  public var settings: [Setting]
  /// A jq program that gives the first state.
  public var state: TextSource?
  /// First match first.
  public var rules: [Rule]
  /// What goes wrong on the way to it from the start.
  public var faults: [FaultRule]

  /// All programs, with their places.
  public var programs: [TextSource] {
    [state].compactMap { $0 } + rules.flatMap { [$0.when, $0.body, $0.state].compactMap { $0 } }
  }
}

/// What stands in `connectors/<name>/mock.yaml`.
enum ScenarioDeclarations {
  static let file = ObjectShape(
    "scenario",
    [
      Declaration(
        "settings", .map(.setting, .object(ManifestDeclarations.setting)),
        example: "{token: {kind: text, default: t, example: t, help: The token that it knows.}}",
        help: "What mocks.yaml may say of it; programs see them as `.settings`.",
        vi: "Các thiết lập của hệ thống giả lập; chương trình dùng `.settings`."),
      Declaration(
        "state", HTTPDeclarations.program, example: "\"{graves: {}}\"",
        help: "A jq program that gives the first state; programs see it as `.state`.",
        vi: "Chương trình jq cho ra trạng thái đầu; chương trình dùng `.state`."),
      Declaration(
        "rules", .list(.object(rule), min: 1), required: true,
        example: "[{method: GET, path: /graves, answer: {body: .state.graves}}]",
        help: "What it answers, first match first; anything else is 404.",
        vi: "Các câu trả lời, dòng khớp đầu tiên được dùng; ngoài ra trả 404."),
      Declaration(
        "faults", .list(.object(FaultDeclarations.rule), min: 0), example: "[{path: /graves, share: 0.1, status: 503}]",
        help: "What goes wrong on the way, first match first; the same as at `/_mock/transport-faults`.",
        vi: "Các lỗi trên đường truyền, dòng khớp đầu tiên được dùng; như ở `/_mock/transport-faults`."),
    ])

  static let rule = ObjectShape(
    "scenario-rule",
    [
      Declaration(
        "method", .choice(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]), example: "PUT",
        help: "Method; left out: any.", vi: "Phương thức; bỏ trống: bất kỳ."),
      Declaration(
        "path", .text(.path), required: true, example: "\"/graves/{plot}\"",
        help: "Path; a segment in braces stands for any and is `.variables.<name>`.",
        vi: "Đường dẫn; đoạn trong ngoặc nhọn là bất kỳ, dùng `.variables.<tên>`."),
      Declaration(
        "when", HTTPDeclarations.program, example: ".headers.authorization == \"Bearer \\(.settings.token)\"",
        help: "A predicate over `{method, path, variables, query, headers, body, state, settings, count}`.",
        vi: "Điều kiện trên `{method, path, variables, query, headers, body, state, settings, count}`."),
      Declaration(
        "skip", .integer(0...1_000_000), default: "0", help: "So many matching requests pass to later rules first.",
        vi: "Bỏ qua số yêu cầu khớp đầu tiên này."),
      Declaration(
        "times", .integer(1...1_000_000), example: "1", help: "So many are answered, then the rule sleeps.",
        vi: "Chỉ trả lời từng này lần."),
      Declaration(
        "answer", .object(answer), required: true, example: "{status: 201, body: \"{result: \\\"stored\\\"}\"}",
        help: "What is answered.", vi: "Câu trả lời."),
      Declaration(
        "state", HTTPDeclarations.program, example: "\".state.graves[.variables.plot] = .body | .state\"",
        help: "A jq program over the same that gives the next state.",
        vi: "Chương trình jq trên cùng dữ liệu, cho ra trạng thái kế tiếp."),
      Declaration(
        "delay", .duration(.zero ... .seconds(3600)), default: "0ms", help: "How long the answer takes at least.",
        vi: "Thời gian trả lời ít nhất."),
      Declaration(
        "delayMax", .duration(.zero ... .seconds(3600)), example: "200ms",
        help: "How long it takes at most, evenly spread; left out: as `delay`.",
        vi: "Thời gian trả lời nhiều nhất, phân bố đều; bỏ trống: như `delay`."),
    ])

  static let answer = ObjectShape(
    "scenario-answer",
    [
      Declaration("status", .integer(200...599), default: "200", help: "HTTP status.", vi: "Mã trạng thái HTTP."),
      Declaration(
        "headers", .map(.any, .text(.any)), example: "{Retry-After: \"7\"}", help: "Header fields.",
        vi: "Các trường tiêu đề."),
      Declaration(
        "body", HTTPDeclarations.program, example: "\"{result: \\\"stored\\\"}\"",
        help: "A jq program over the request's document: a string as it is, anything else as JSON.",
        vi: "Chương trình jq: chuỗi được giữ nguyên, còn lại thành JSON."),
    ])
}

/// Makes a scenario from its checked keys.
struct ScenarioBuilder {
  var texts: ConnectorTexts

  mutating func build(_ file: CheckedObject, settings: [Setting]) -> MockScenario {
    MockScenario(
      settings: settings, state: texts.program(file, "state", key: "state"),
      rules: file.objects("rules").enumerated().map { rule($1, number: $0 + 1) },
      faults: file.objects("faults").compactMap { FaultRule($0, &texts.complaints) })
  }

  private mutating func rule(_ object: CheckedObject, number: Int) -> MockScenario.Rule {
    let answer = object.object("answer")
    let delay = object.span("delay")
    return MockScenario.Rule(
      method: object.text("method"), path: object.string("path"),
      when: texts.program(object, "when", key: "rules.\(number).when"), skip: object.integer("skip"),
      times: object["times"] == nil ? nil : object.integer("times"), status: answer?.integer("status") ?? 200,
      headers: answer?.textMap("headers") ?? [:],
      body: answer.flatMap { texts.program($0, "body", key: "rules.\(number).answer.body") },
      state: texts.program(object, "state", key: "rules.\(number).state"),
      delay: (delay, max(delay, object.duration("delayMax") ?? delay)))
  }
}
