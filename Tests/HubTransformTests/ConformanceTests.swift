import FoundationEssentials
import HubKit
import HubTransform
import Testing

/// Runs Debian's json-schema-test-suite, draft 7, and compares what fails with a list of known failures.
@Suite struct ConformanceTests {
  static let folder = "/usr/share/json-schema-test-suite/tests/draft7"

  @Test func draft7BehavesAsTheListOfKnownFailuresSays() async throws {
    let files = try #require(
      try? FileManager.default.contentsOfDirectory(atPath: Self.folder).filter { $0.hasSuffix(".json") }.sorted(),
      "the official test suite is missing: apt-get install json-schema-test-suite")
    var passed = 0
    var failed: [String] = []
    for file in files {
      let cases = try SuiteCase.read(#require(FileManager.default.contents(atPath: "\(Self.folder)/\(file)")))
      for each in cases {
        if await each.behaves() { passed += 1 } else { failed.append("\(file): \(each.name)") }
      }
    }
    let known = try #require(fixture("draft7-known-failures.txt")).split(separator: "\n")
    let summary = "passed \(passed) of \(passed + failed.count)"
    #expect(known.first.map(String.init) == summary)
    let expected = known.dropFirst().filter { !$0.hasPrefix("#") }.map(String.init)
    #expect(failed.filter { !expected.contains($0) } == [], "new failures")
    #expect(expected.filter { !failed.contains($0) } == [], "these pass now: take them off the list")
  }
}

/// One value of the suite with its schema and what should come of it.
private struct SuiteCase {
  static let pool = TransformPool(limits: TransformLimits(plansMax: 16), program: .built)
  var name: String
  var schema: String
  var data: [UInt8]
  var valid: Bool

  private struct Group: Decodable {
    struct One: Decodable {
      var description: String
      var data: AnyJSON
      var valid: Bool
    }
    var description: String
    var schema: AnyJSON
    var tests: [One]
  }

  static func read(_ data: Data) throws -> [SuiteCase] {
    try JSONDecoder().decode([Group].self, from: data).flatMap { group in
      try group.tests.map { one in
        SuiteCase(
          name: "\(group.description) / \(one.description)",
          schema: String(decoding: try JSONEncoder().encode(group.schema), as: UTF8.self),
          data: Array(try JSONEncoder().encode(one.data)), valid: one.valid)
      }
    }
  }

  func behaves() async -> Bool {
    let plan = TransformPlan(id: schema, validate: [.jsonSchema(ShapeSource(name: "suite", text: schema))])
    let input = TransformInput(
      envelope: Envelope(id: "1", source: "/suite", type: "t"), body: data, json: data, now: Timestamp(seconds: 0))
    switch try? await Self.pool.evaluate(plan, input) {
    case .output: return valid
    case .invalid(let violations): return !valid && !violations.contains { $0.rule == "shape" }
    default: return false
    }
  }
}

/// Any JSON value, to cut the suite's files into pieces.
private enum AnyJSON: Codable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([AnyJSON])
  case object([String: AnyJSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([AnyJSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: AnyJSON].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}
