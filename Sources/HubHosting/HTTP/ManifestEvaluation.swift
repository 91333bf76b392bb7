internal import FoundationEssentials
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform

/// Evaluates the programs and mappings of a manifest on the hub's workers, within their limits of time and memory.
struct ManifestEvaluation: Sendable {
  let pool: TransformPool
  let clock: any HubClock

  /// What a message becomes on its way out.
  struct Shaped: Sendable {
    var body: [UInt8]
    var mediaType: String?
    /// What the operation's `values:` gave, by name.
    var values: [String: String]
  }

  /// Maps a message and finds the values that templates want, in one trip.
  ///
  /// - Throws: `reject` when the message breaks what its mapping wants, `retry` when no worker could look at it.
  func shape(
    _ body: [UInt8], mediaType: String?, envelope: Envelope, map: [RouteMapping],
    values: [(name: String, jq: TextSource)] = [], now: Timestamp, id: String
  ) async throws(AdapterError) -> Shaped {
    let plan = TransformPlan(
      id: id, map: map.map(\.step), keys: values.map { KeyRule(name: $0.name, jq: $0.jq.shape) })
    guard !plan.isEmpty else { return Shaped(body: body, mediaType: mediaType, values: [:]) }
    let type = mediaType.map(AnswerDocument.plainType)
    let json = try await canonical(body, type)
    let output = try await output(
      of: plan, TransformInput(envelope: envelope, body: body, mediaType: type, json: json, now: now))
    return Shaped(
      body: output.body ?? body, mediaType: output.body == nil ? mediaType : output.mediaType,
      values: Dictionary(output.keys.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
  }

  /// Runs one jq program over a document.
  ///
  /// - Returns: what it gives, as JSON text.
  func run(
    _ program: ShapeSource, over document: [UInt8], envelope: Envelope? = nil
  ) async throws(AdapterError) -> [UInt8] {
    let plan = TransformPlan(id: program.name, map: [.jq(program)])
    let input = TransformInput(
      envelope: envelope ?? Envelope(id: "", source: "", type: ""), body: document, mediaType: "application/json",
      json: document, now: clock.now)
    return try await output(of: plan, input).body ?? []
  }

  /// Makes the document of an answer, on a thread of the pool.
  func document(
    _ make: @escaping @Sendable () throws(InvalidMessage) -> AnswerDocument
  ) async throws(AdapterError) -> AnswerDocument {
    do { return try await pool.run { try make() } } catch let error as InvalidMessage {
      throw AdapterError(
        .inDoubt, code: "unreadable", reason: "What the far system sent cannot be read: \(Self.words(error)).")
    } catch {
      throw Self.busy(error)
    }
  }

  private func canonical(_ body: [UInt8], _ type: String?) async throws(AdapterError) -> [UInt8]? {
    let codec: any Codec = XMLCodec()
    guard codec.recognises(mediaType: type, prefix: Array(body.prefix(4096))) else {
      return JSONCodec().recognises(mediaType: type, prefix: Array(body.prefix(4096))) ? body : nil
    }
    do {
      return try await pool.run {
        try codec.decode(BytesReader(body), into: MemoryBodyStore(), limits: CodecLimits()).json
      }
    } catch let error as InvalidMessage {
      throw Self.invalid(error.violations)
    } catch {
      throw Self.busy(error)
    }
  }

  private func output(
    of plan: TransformPlan, _ input: TransformInput
  ) async throws(AdapterError) -> TransformOutput {
    let result: TransformResult
    do throws(TransformUnavailable) { result = try await pool.evaluate(plan, input) } catch { throw Self.busy(error) }
    switch result {
    case .output(let output): return output
    case .invalid(let violations): throw Self.invalid(violations)
    case .notMatched:
      throw AdapterError(.retry(after: nil), code: "mapping", reason: "\(plan.id) is not known to the worker.")
    }
  }

  private static func invalid(_ violations: [Violation]) -> AdapterError {
    AdapterError(.reject, code: "mapping", reason: "The message does not fit: \(words(InvalidMessage(violations))).")
  }

  /// Rules only: the words of a violation may quote the message.
  private static func words(_ error: InvalidMessage) -> String {
    error.violations.map(\.rule).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      .joined(separator: ", ")
  }

  private static func busy(_ error: any Error) -> AdapterError {
    AdapterError(
      .retry(after: .seconds(1)), code: "no-worker", reason: "The hub has no worker free for a mapping.",
      cause: "\(error)")
  }
}

extension TextSource {
  /// The same as workers take it.
  var shape: ShapeSource { ShapeSource(name: name, text: text) }
}

extension RouteMapping {
  var source: TextSource {
    switch self {
    case .jq(let source), .xslt(let source): source
    }
  }

  var step: MapStep {
    switch self {
    case .jq(let source): .jq(source.shape)
    case .xslt(let source): .xslt(source.shape)
    }
  }
}
