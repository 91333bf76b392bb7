internal import Foundation
internal import HubBus
public import HubJournal
public import HubKit
public import HubRouting

/// Turns a logged exchange into a test of its route: masked, with what the far sides answered, and with what is sent.
public struct TestRecorder: Sendable {
  /// A test ready to be written down: the text of its YAML file and the files that it names.
  public struct Files: Sendable {
    /// Name of the YAML file without its folder.
    public var name: String
    /// Files by name: the test itself, the message, what is sent.
    public var files: [String: [UInt8]]
  }

  /// Why an exchange cannot become a test.
  public struct NotRecordable: Error, CustomStringConvertible {
    /// A sentence for the tester.
    public var description: String
  }

  private let journal: Journal
  private let recorder: Recorder
  private let stage: RouteTestRunner.Stage

  /// Creates a recorder of tests.
  ///
  /// - Parameters:
  ///   - recorder: takes exchanges out of the journal, masked.
  ///   - stage: plays tests on the configuration in use.
  public init(journal: Journal, recorder: Recorder, stage: @escaping RouteTestRunner.Stage) {
    self.journal = journal
    self.recorder = recorder
    self.stage = stage
  }

  /// Records one exchange as a test of `route`.
  ///
  /// - Throws: ``NotRecordable`` when the journal no longer holds the body, or another route takes the message.
  public func record(_ id: ExchangeID, as route: Route) async throws -> Files {
    guard let stored = try journal.exchange(id) else {
      throw NotRecordable(description: "Không có giao dịch \(id) / no exchange is known by \(id).")
    }
    let recorded: Recording
    do { recorded = try await recorder.record(stored, maybePart: true) } catch let reason as Recorder.Unrecordable {
      throw NotRecordable(description: reason.description)
    }
    var writing = TestWriting(id, recorded)
    let result = await writing.played(on: stage, by: route)
    if let taken = result.route, taken != route.name {
      throw NotRecordable(description: "Giao dịch \(id) đi theo tuyến \(taken) / exchange \(id) takes route \(taken).")
    }
    writing.write(result)
    return Files(name: "\(writing.name).yaml", files: writing.files)
  }
}

/// One test as it is written: the text of its YAML file and the files that it names.
private struct TestWriting {
  let name: String
  private let recorded: Recording
  private(set) var files: [String: [UInt8]] = [:]
  private var lines: [String] = []

  init(_ id: ExchangeID, _ recorded: Recording) {
    name = "recorded-\(id.text.suffix(12))"
    self.recorded = recorded
  }

  /// What comes of the test's own message, with the answers that it will hold.
  func played(on stage: RouteTestRunner.Stage, by route: Route) async -> Rehearsal.Result {
    let attributes = Dictionary(attributes, uniquingKeysWith: { first, _ in first })
    let message = RouteTestRunner.message(attributes, recorded.contents[recorded.exchange.body] ?? [], for: route)
    let earlier = recorded.exchange.origins.compactMap { origin in
      origin.sender.map { EarlierExchange(key: BusinessKey(name: origin.name, value: origin.value), sender: $0) }
    }
    let replies = replies
    return await stage(earlier).run(
      message, at: Rehearsal.Occasion(RouteTestRunner.now), bodies: MemoryBodyStore(),
      farSide: { attempt in
        Rehearsal.Ending(RouteTestRunner.answer(replies, attempt.planned.endpoint, attempt.planned.receiver))
      })
  }

  mutating func write(_ result: Rehearsal.Result) {
    lines = [
      "# Ghi từ giao dịch thật, dữ liệu cá nhân đã được che / recorded from a real exchange, personal data masked.",
      "name: \(quoted("recorded exchange \(name.suffix(12))"))", "input:", "  attributes:",
    ]
    lines += attributes.map { "    \($0): \(quoted($1))" }
    lines.append("  body: \(file("in", recorded.contents[recorded.exchange.body] ?? []))")
    writeEarlier()
    writeReplies()
    lines.append("expect:")
    if let outcome = result.outcome { lines.append("  state: \(outcome.state.rawValue)") }
    let rules = result.outcome?.state == .failed ? Set(result.violations.map(\.rule)).sorted() : []
    if !rules.isEmpty { lines.append("  violations: [\(rules.map(quoted).joined(separator: ", "))]") }
    if let answer = result.answer, case .inline(let bytes) = answer.body {
      lines.append("  answer: \(file("answer", bytes))")
    }
    lines.append(result.sent.isEmpty ? "  deliveries: []" : "  deliveries:")
    for (index, sent) in result.sent.enumerated() {
      guard case .inline(let bytes) = sent.body else { continue }
      let body = file("out-\(index + 1)", bytes)
      lines.append("    - {endpoint: \(sent.endpoint)\(receiver(sent.receiver)), body: \(body)}")
    }
    files["\(name).yaml"] = Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  private mutating func writeEarlier() {
    let known = recorded.exchange.origins.filter { $0.sender != nil }
    guard !known.isEmpty else { return }
    lines.append("earlier:")
    for origin in known {
      let sender = quoted(origin.sender?.text ?? "")
      lines.append("  - {key: \(quoted(origin.name)), value: \(quoted(origin.value)), sender: \(sender)}")
    }
  }

  /// Whoever only takes what is sent need not be named.
  private mutating func writeReplies() {
    let told = replies.filter { if case .success(_, nil) = $0.answer { false } else { true } }
    guard !told.isEmpty else { return }
    lines.append("replies:")
    for (number, answered) in told.enumerated() {
      let whose = "endpoint: \(answered.endpoint)\(receiver(answered.receiver))"
      switch answered.answer {
      case .success(let code, let body):
        let body = file("reply-\(number + 1)", body?.bytes ?? [])
        lines.append("  - {\(whose), status: \(quoted(code)), body: \(body)}")
      case .failure(let failure, let code):
        lines.append("  - {\(whose), error: \(failure.rawValue), code: \(quoted(code))}")
      }
    }
  }

  /// Puts a file beside the test.
  ///
  /// - Returns: how the test names it.
  private mutating func file(_ part: String, _ bytes: [UInt8]) -> String {
    let isJSON = bytes.first == UInt8(ascii: "{") || bytes.first == UInt8(ascii: "[")
    let file = "\(name).\(part).\(isJSON ? "json" : "xml")"
    files[file] = bytes
    return "{file: \(quoted(file))}"
  }

  /// How each far side answered in the end; a test knows one answer of an endpoint to a receiver.
  private var replies: [TestReply] {
    recorded.exchange.calls.reduce(into: []) { list, call in
      guard let last = call.attempts.last,
        !list.contains(where: { $0.endpoint == call.name.endpoint && $0.receiver == call.name.receiver })
      else { return }
      let bytes = recorded.contents[last.reply]
      let answer: TestReply.Answer =
        if let failure = last.verdict.failure {
          .failure(failure, code: last.code.isEmpty ? "recorded" : last.code)
        } else {
          .success(code: last.code, body: bytes.map { TestContent(bytes: $0) })
        }
      list.append(TestReply(endpoint: call.name.endpoint, receiver: call.name.receiver, answer: answer))
    }
  }

  /// What the test hands in beside the body; trace context is of no use to it.
  private var attributes: [(String, String)] {
    recorded.exchange.envelope.sorted { $0.key < $1.key }.compactMap { name, value in
      switch name {
      case "specversion", ExtensionName.traceParent, ExtensionName.traceState, ExtensionName.deadline: nil
      case "id": (name, "recorded")
      default: (name, value)
      }
    }
  }

  private func receiver(_ code: OrganisationCode?) -> String {
    code.map { ", receiver: \(quoted($0.text))" } ?? ""
  }

  /// A double-quoted YAML scalar: JSON's strings are a subset of YAML's (YAML 1.2 section 1.3).
  private func quoted(_ text: String) -> String {
    let data = (try? JSONEncoder().encode(text)) ?? Data("\"\"".utf8)
    return String(decoding: data, as: UTF8.self).replacing("\\/", with: "/")
  }
}

extension RecordedAttempt.Verdict {
  /// As tests name it; nil: it succeeded.
  fileprivate var failure: TestFailure? {
    switch self {
    case .success: nil
    case .retry: .retry
    case .outage: .outage
    case .reject: .reject
    case .inDoubt: .inDoubt
    }
  }
}
