import FoundationEssentials
import HubKit
import HubTransform
import Testing

/// Everything a test needs to evaluate one plan. Each is evaluated in a worker process, as the hub does, and on a
/// thread of the tests as well: both must give the same.
struct Bench {
  let pool: TransformPool
  private let threads: TransformPool?

  private static let shared = TransformPool(program: .built)

  init() {
    pool = Self.shared
    threads = TransformPool(program: nil)
  }

  /// - Parameter alsoOnThreads: false for plans that only a process of its own can bear.
  init(_ limits: TransformLimits, alsoOnThreads: Bool = true) {
    pool = TransformPool(limits: limits, program: .built)
    threads = alsoOnThreads ? TransformPool(limits: limits, program: nil) : nil
  }

  func json(_ plan: TransformPlan, _ body: String, sender: String = "H24.1") async throws -> TransformResult {
    try await evaluate(plan, input(body, json: true, sender: sender))
  }

  func xml(_ plan: TransformPlan, _ body: String) async throws -> TransformResult {
    try await evaluate(plan, input(body, json: false))
  }

  func evaluate(_ plan: TransformPlan, _ input: TransformInput) async throws -> TransformResult {
    let result = try await pool.evaluate(plan, input)
    if let threads { #expect(try await threads.evaluate(plan, input) == result) }
    return result
  }
}

extension WorkerProgram {
  /// The `lgsp` that was built with the tests.
  static let built: WorkerProgram = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    let beside = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "lgsp").path
    let path = FileManager.default.isExecutableFile(atPath: beside) ? beside : "\(root)/.build/debug/lgsp"
    return WorkerProgram(path: path, arguments: ["lgsp", "transform-worker"])
  }()
}

func input(_ body: String, json: Bool, sender: String = "H24.1") -> TransformInput {
  let bytes = Array(body.utf8)
  return TransformInput(
    envelope: Envelope(id: "1", source: "/test", type: "vn.test", extensions: ["sender": sender]), body: bytes,
    mediaType: json ? "application/json" : "application/xml", json: json ? bytes : nil,
    now: Timestamp(seconds: 1_790_000_000))
}

func source(_ text: String, name: String = "shape") -> ShapeSource { ShapeSource(name: name, text: text) }

func jqPlan(_ program: String) -> TransformPlan {
  TransformPlan(id: "test", map: [.jq(source(program, name: "map.jq"))])
}

extension TransformResult {
  var bodyText: String? {
    if case .output(let output) = self { output.body.map { String(decoding: $0, as: UTF8.self) } } else { nil }
  }

  var output: TransformOutput? {
    if case .output(let output) = self { output } else { nil }
  }

  var violations: [Violation] {
    if case .invalid(let violations) = self { violations } else { [] }
  }
}

/// Hands a body out in pieces of one size, to find mistakes at the seams.
func reader(_ text: String) -> any BodyReader { BytesReader(Array(text.utf8)) }

/// What a codec says is wrong.
func violation(_ codec: any Codec, _ bytes: [UInt8], depthMax: Int = 64) -> Violation? {
  do {
    _ = try codec.examine(BytesReader(bytes), limits: CodecLimits(depthMax: depthMax))
    return nil
  } catch {
    return error.violations.first
  }
}

func fixture(_ name: String, file: String = #filePath) -> String? {
  let folder = file.split(separator: "/").dropLast().joined(separator: "/")
  guard let data = try? Data(contentsOf: URL(filePath: "/\(folder)/Fixtures/\(name)")) else { return nil }
  return String(decoding: data, as: UTF8.self)
}
