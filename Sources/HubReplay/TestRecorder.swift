internal import Foundation
public import HubBus
public import HubJournal
public import HubKit
public import HubRouting
internal import HubTransform

/// Turns a logged exchange into a test of its route: masked, with what the far sides answered, and with what is sent.
public struct TestRecorder: Sendable {
  /// A test ready to be written down: the text of its YAML file and the files that it names.
  public struct Recording: Sendable {
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
  private let rehearsal: Rehearsal
  private let formats: FormatCatalogue
  private let masking: Masking

  /// Takes the journal and the parts of the configuration in use.
  public init(journal: Journal, rehearsal: Rehearsal, formats: FormatCatalogue, masking: Masking) {
    self.journal = journal
    self.rehearsal = rehearsal
    self.formats = formats
    self.masking = masking
  }

  /// Records one exchange as a test of `route`.
  ///
  /// - Throws: ``NotRecordable`` when the journal no longer holds the body, or another route takes the message.
  public func record(_ id: ExchangeID, as route: Route) async throws -> Recording {
    guard let stored = try journal.exchange(id) else {
      throw NotRecordable(description: "Không có giao dịch \(id) / no exchange is known by \(id).")
    }
    guard let message = stored.message, let body = try? journal.bytes(of: message.body, limit: 64 << 20) else {
      throw NotRecordable(
        description: "Nội dung của \(id) không còn được giữ / the body of \(id) is not kept any more: its route keeps "
          + "less. Record while it is there, or use `keep:` with a duration.")
    }
    let masked = try mask(body, message.envelope, route)
    let view = try ExchangeHistory(journal: journal).exchange(id)
    let replies = (view?.deliveries ?? []).compactMap(Self.reply)
    let input = Message(envelope: message.envelope, body: .inline(masked), principal: .endpoint("route-test"))
    let result = await rehearsal.run(
      input, at: Rehearsal.Occasion(RouteTestRunner.now), bodies: MemoryBodyStore(),
      farSide: { attempt in
        let answered = replies.first {
          $0.endpoint == attempt.planned.endpoint && $0.receiver == attempt.planned.receiver
        }
        return Rehearsal.Ending(answered?.answer ?? .success(Reply(code: "200")))
      })
    if let taken = result.route, taken != route.name {
      throw NotRecordable(description: "Giao dịch \(id) đi theo tuyến \(taken) / exchange \(id) takes route \(taken).")
    }
    return try recording(id, message.envelope, masked, replies, result)
  }
}

// MARK: - Masking

extension TestRecorder {
  /// The body without personal data: in its own format where there is one, by detectors elsewhere.
  private func mask(_ body: [UInt8], _ envelope: Envelope, _ route: Route) throws -> [UInt8] {
    let own = try masking.masked(
      body, mediaType: envelope.dataContentType, places: route.personalPlaces, formats: formats)
    return own ?? masking.masker().mask(content: body)
  }
}

// MARK: - Writing

extension TestRecorder {
  private struct Answered {
    var endpoint: String
    var receiver: OrganisationCode?
    var answer: Result<Reply, AdapterError>
  }

  /// How the far side answered in the end.
  private static func reply(_ delivery: DeliveryView) -> Answered? {
    switch delivery.state {
    case .delivered:
      Answered(endpoint: delivery.endpoint, receiver: delivery.receiver, answer: .success(Reply(code: "200")))
    case .refused, .parked, .expired, .abandoned:
      Answered(
        endpoint: delivery.endpoint, receiver: delivery.receiver,
        answer: .failure(AdapterError(.reject, code: "recorded", reason: "The far side refused when it was recorded.")))
    case .waiting, .held: nil
    }
  }

  private func recording(
    _ id: ExchangeID, _ envelope: Envelope, _ input: [UInt8], _ replies: [Answered], _ result: Rehearsal.Result
  ) throws -> Recording {
    let name = "recorded-\(id.text.suffix(12))"
    let suffix = input.first == UInt8(ascii: "{") || input.first == UInt8(ascii: "[") ? "json" : "xml"
    var files: [String: [UInt8]] = ["\(name).in.\(suffix)": input]
    var lines = [
      "# Ghi từ giao dịch thật, dữ liệu cá nhân đã được che / recorded from a real exchange, personal data masked.",
      "name: \(quoted("recorded exchange \(id.text.suffix(12))"))",
      "input:", "  attributes:",
    ]
    lines += attributes(envelope).map { "    \($0): \(quoted($1))" }
    lines += ["  body: {file: \(quoted("\(name).in.\(suffix)"))}"]
    let failures = replies.filter { if case .failure = $0.answer { true } else { false } }
    if !failures.isEmpty { lines.append("replies:") }
    lines += failures.map { "  - {endpoint: \($0.endpoint)\(receiver($0.receiver)), error: reject, code: recorded}" }
    lines.append("expect:")
    if let outcome = result.outcome { lines.append("  state: \(outcome.state.rawValue)") }
    let rules = result.outcome?.state == .failed ? Set(result.violations.map(\.rule)).sorted() : []
    if !rules.isEmpty { lines.append("  violations: [\(rules.map(quoted).joined(separator: ", "))]") }
    lines.append(result.sent.isEmpty ? "  deliveries: []" : "  deliveries:")
    for (index, sent) in result.sent.enumerated() {
      guard case .inline(let bytes) = sent.body else { continue }
      let file = "\(name).out-\(index + 1).\(suffix)"
      files[file] = bytes
      lines.append("    - {endpoint: \(sent.endpoint)\(receiver(sent.receiver)), body: {file: \(quoted(file))}}")
    }
    files["\(name).yaml"] = Array((lines.joined(separator: "\n") + "\n").utf8)
    return Recording(name: "\(name).yaml", files: files)
  }

  /// What the test hands in beside the body; trace context is of no use to it, and persons are masked.
  private func attributes(_ envelope: Envelope) -> [(String, String)] {
    let masker = masking.masker()
    return envelope.attributes.compactMap { name, value in
      switch name {
      case "specversion", ExtensionName.traceParent, ExtensionName.traceState: nil
      case "id": (name, "recorded")
      default: (name, masker.masked(value, ofAttribute: name))
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
