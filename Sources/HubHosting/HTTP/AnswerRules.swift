internal import FoundationEssentials
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import HubTransform
internal import JSONWire

/// Tells what an answer means: the rules of a manifest, first match first, then the status alone.
struct AnswerRules: Sendable {
  let rules: [HTTPErrorRule]
  /// Without this a 2xx is no success.
  let success: TextSource?
  /// Gives the far side's name for what it took.
  let reference: TextSource?
  /// Gives the far side's own code.
  let code: TextSource?
  let isSOAP: Bool
  /// The message has a part in the path: a 404 may be its fault, and must not pause the endpoint.
  let pathHasValues: Bool
  private let program: ShapeSource?

  /// - Parameter name: names the rules in complaints.
  init(
    _ rules: [HTTPErrorRule], success: TextSource? = nil, reference: TextSource? = nil, code: TextSource? = nil,
    isSOAP: Bool = false, pathHasValues: Bool = false, name: String
  ) {
    self.rules = rules
    self.success = success
    self.reference = reference
    self.code = code
    self.isSOAP = isSOAP
    self.pathHasValues = pathHasValues
    let texts = rules.compactMap(\.when) + [success, reference, code].compactMap { $0 }
    program = texts.isEmpty ? nil : ShapeSource(name: name, text: Self.joined(texts))
  }

  /// One program for all, so that an answer makes one trip to a worker. Each gives its first value, null when it fails:
  /// a rule that does not fit an answer of another shape does not match.
  private static func joined(_ texts: [TextSource]) -> String {
    texts.map { "([try (\n\($0.text)\n) catch null] | .[0])" }.joined(separator: ",").bracketed
  }

  /// What an answer that counts as success said.
  struct Success: Sendable {
    var code: String
    var reference: String?
    /// Nil when nobody had to look inside.
    var document: AnswerDocument?
  }

  /// Looks at an answer.
  ///
  /// - Parameters:
  ///   - envelope: of the message that was sent, for `$envelope`.
  ///   - wantsDocument: the caller looks inside also when no rule does.
  /// - Throws: the verdict of the rule that matches, or that of the status.
  func look(
    at response: OutboundResponse, by evaluation: ManifestEvaluation, envelope: Envelope? = nil,
    wantsDocument: Bool = false
  ) async throws(AdapterError) -> Success {
    var document: AnswerDocument?
    if program != nil || isSOAP || wantsDocument {
      let isSOAP = isSOAP
      do throws(AdapterError) {
        document = try await evaluation.document { () throws(InvalidMessage) in
          try AnswerDocument(response, isSOAP: isSOAP)
        }
      } catch {
        // A status that is no success says more than a body that says nothing.
        if !(200...299).contains(response.status) { throw failure(of: response, nil, now: evaluation.clock.now) }
        throw error
      }
    }
    let facts = try await facts(of: document, envelope, by: evaluation)
    for (index, rule) in rules.enumerated() where matches(rule, response, document, facts.rules[index] ?? true) {
      if rule.verdict == .success {
        return Success(
          code: rule.code ?? facts.code ?? "\(response.status)", reference: facts.reference, document: document)
      }
      throw failure(of: response, rule, code: facts.code, now: evaluation.clock.now)
    }
    guard (200...299).contains(response.status), document?.fault == nil else {
      throw failure(
        of: response, nil, fault: document?.fault, code: facts.code, now: evaluation.clock.now)
    }
    guard facts.isSuccess else {
      throw AdapterError(
        .inDoubt, code: "unclear", reason: "The far system answered \(response.status) without saying that it took it.")
    }
    return Success(code: facts.code ?? "\(response.status)", reference: facts.reference, document: document)
  }

  // MARK: - Programs

  private struct Facts {
    /// Whether the rule's own program holds; nil for a rule without one.
    var rules: [Bool?] = []
    var isSuccess = true
    var reference: String?
    var code: String?
  }

  /// Only a word is kept of what the far side says: a sentence may quote what it was sent.
  private static func word(_ text: String) -> String? {
    text.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) == nil ? nil : text
  }

  private func facts(
    of document: AnswerDocument?, _ envelope: Envelope?, by evaluation: ManifestEvaluation
  ) async throws(AdapterError) -> Facts {
    guard let program, let document else { return Facts(rules: rules.map { _ in nil }) }
    let result = try await evaluation.run(program, over: document.json, envelope: envelope)
    guard let list = try? JSONDecoder().decode([JSONValue].self, from: Data(result)) else {
      throw AdapterError(.inDoubt, code: "unclear", reason: "The rules for answers gave no list.")
    }
    var rest = list[...]
    var facts = Facts()
    facts.rules = rules.map { $0.when == nil ? nil : rest.popFirst()?.isTrue ?? false }
    if success != nil { facts.isSuccess = rest.popFirst()?.isTrue ?? false }
    if reference != nil { facts.reference = rest.popFirst()?.word }
    if code != nil { facts.code = rest.popFirst()?.word.flatMap(Self.word) }
    return facts
  }

  private func matches(
    _ rule: HTTPErrorRule, _ response: OutboundResponse, _ document: AnswerDocument?, _ holds: Bool
  ) -> Bool {
    guard holds else { return false }
    if let fault = rule.fault, document?.fault.map({ $0 == fault || $0.hasPrefix("\(fault).") }) != true {
      return false
    }
    return rule.statuses.isEmpty || rule.statuses.contains { Self.fits(response.status, $0) }
  }

  /// `5xx` stands for 500 to 599.
  private static func fits(_ status: Int, _ pattern: String) -> Bool {
    let digits = Array("\(status)".utf8)
    return digits.count == pattern.utf8.count
      && zip(digits, pattern.utf8).allSatisfy { $0 == $1 || $1 == UInt8(ascii: "x") }
  }

  // MARK: - Verdicts

  private func failure(
    of response: OutboundResponse, _ rule: HTTPErrorRule?, fault: String? = nil, code: String? = nil, now: Timestamp
  ) -> AdapterError {
    let wait = response.retryAfter(now: now)
    guard let rule else { return failure(of: response.status, fault: fault, code: code, wait: wait) }
    let verdict: AdapterError.Verdict =
      switch rule.verdict {
      case .retry: .retry(after: wait)
      case .outage: .outage(after: wait)
      case .reject: .reject
      case .inDoubt, .success: .inDoubt
      }
    return AdapterError(
      verdict, code: rule.code ?? code ?? "http-\(response.status)",
      reason: rule.reason ?? "The far system answered \(response.status).")
  }

  /// What every message would meet is an outage, so that none is lost for it.
  private func failure(of status: Int, fault: String?, code: String?, wait: Duration?) -> AdapterError {
    let code = code ?? fault.map { "soap-\($0)" } ?? "http-\(status)"
    if let fault, (200...299).contains(status) || status == 500 {
      let isOurs = fault.hasPrefix("Client") || fault.hasPrefix("Sender")
      return AdapterError(
        isOurs ? .reject : .retry(after: wait), code: code, reason: "The far system answered a SOAP fault, \(fault).")
    }
    let (verdict, advice): (AdapterError.Verdict, String) =
      switch status {
      case 300...399: (.outage(after: nil), ": a redirect is not followed; put the new address into the settings")
      case 401, 403, 407: (.outage(after: nil), ": it does not accept the hub's credential")
      case 404 where pathHasValues: (.retry(after: nil), ": it has nothing under this path")
      case 404, 405: (.outage(after: nil), ": nothing there takes this; see base and path")
      case 408, 425, 429, 500: (.retry(after: wait), "")
      case 501...599: (.outage(after: wait), "")
      case 200...299: (.inDoubt, "")
      default: (.reject, "")
      }
    return AdapterError(verdict, code: code, reason: "The far system answered \(status)\(advice).")
  }
}

extension String {
  fileprivate var bracketed: String { "[\(self)]" }
}
