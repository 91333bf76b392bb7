import CJq
import HubKit

/// A plan whose sources are compiled, each when it is first needed. Belongs to one thread.
final class CompiledPlan {
  let plan: TransformPlan
  private let limits: TransformLimits
  /// Told when something is about to be compiled, and when that is done.
  private let whileCompiling: (Bool) -> Void
  private var programs: [ShapeSource: JqProgram] = [:]
  private var schemas: [ShapeSource: JSONSchemaShape] = [:]
  private var xmlSchemas: [ShapeSource: XSDShape] = [:]
  private var stylesheets: [ShapeSource: XSLTShape] = [:]

  init(_ plan: TransformPlan, limits: TransformLimits, whileCompiling: @escaping (Bool) -> Void) {
    self.plan = plan
    self.limits = limits
    self.whileCompiling = whileCompiling
  }

  /// Drops what is compiled; it is compiled again when it is needed.
  func shed() {
    programs = [:]
    schemas = [:]
    xmlSchemas = [:]
    stylesheets = [:]
  }

  /// Does all that the plan asks for.
  func evaluate(_ input: TransformInput) -> TransformResult {
    do {
      var message = try MessageInWork(input)
      guard try matches(&message) else { return .notMatched }
      let violations = try check(&message)
      guard violations.isEmpty else { return .invalid(violations) }
      let keys = try findKeys(&message)
      var notes: [Violation] = []
      for step in plan.map { try apply(step, to: &message, notes: &notes) }
      let items = try split(&message)
      guard !plan.map.isEmpty else { return .output(TransformOutput(keys: keys, notes: notes, items: items)) }
      let body = try message.finishedBody(limits: limits)
      return .output(
        TransformOutput(body: body, mediaType: message.mediaType, keys: keys, notes: notes, items: items))
    } catch let error {
      return .invalid(error.violations)
    }
  }

  // MARK: steps

  private func matches(_ message: inout MessageInWork) throws(InvalidMessage) -> Bool {
    guard let when = plan.when else { return true }
    let value = try one(when, message.jqInput(dataRequired: false), rule: "when")
    return value.kind != CJQ_KIND_FALSE && value.kind != CJQ_KIND_NULL
  }

  private func check(_ message: inout MessageInWork) throws(InvalidMessage) -> [Violation] {
    var violations: [Violation] = []
    for step in plan.validate {
      do {
        switch step {
        case .jsonSchema(let source): violations += try schema(source).violations(in: message.requiredJSON(source))
        case .xsd(let source): violations += try xmlSchema(source).violations(in: message.tree(limits))
        }
      } catch {
        violations += error.violations.filter { !violations.contains($0) }
      }
    }
    return violations
  }

  private func findKeys(_ message: inout MessageInWork) throws(InvalidMessage) -> [BusinessKey] {
    var keys: [BusinessKey] = []
    for rule in plan.keys {
      let value = try one(rule.jq, message.jqInput(dataRequired: false), rule: "key")
      for item in value.kind == CJQ_KIND_ARRAY ? value.items : [value] where item.kind != CJQ_KIND_NULL {
        guard item.kind == CJQ_KIND_STRING || item.kind == CJQ_KIND_NUMBER else {
          throw InvalidMessage(
            rule: "key", "\(rule.jq.name): the key `\(rule.name)` must be a string, a number or an array of them")
        }
        let text = String(decoding: item.text, as: UTF8.self)
        let key = BusinessKey(name: rule.name, value: text, personal: rule.personal)
        if !text.isEmpty, !keys.contains(key) { keys.append(key) }
      }
    }
    return keys
  }

  private func apply(
    _ step: MapStep, to message: inout MessageInWork, notes: inout [Violation]
  ) throws(InvalidMessage) {
    switch step {
    case .jq(let source):
      let value = try one(source, message.jqInput(dataRequired: true, for: source.name), rule: "jq")
      message.become(value)
    case .xslt(let source):
      try transform(source, &message, notes: &notes)
    }
  }

  private func split(_ message: inout MessageInWork) throws(InvalidMessage) -> [[UInt8]]? {
    guard let source = plan.split else { return nil }
    let value = try one(source, message.jqInput(dataRequired: true, for: source.name), rule: "split")
    guard let items = message.items(value) else {
      throw InvalidMessage(rule: "split", "\(source.name) must yield an array; each item becomes a message")
    }
    guard items.reduce(0, { $0 + $1.count }) <= limits.outputBytesMax else { throw tooLarge(source.name, limits) }
    return items
  }

  private func transform(
    _ source: ShapeSource, _ message: inout MessageInWork, notes: inout [Violation]
  ) throws(InvalidMessage) {
    let shape = try stylesheet(source)
    let tree = try message.takeTree(limits)
    switch shape.run(tree, parameters: message.parameters) {
    case .one(let body, let mediaType, let messages):
      guard body.count <= limits.outputBytesMax else { throw tooLarge(source.name, limits) }
      if messages > 0 {
        notes.append(
          Violation(rule: "xslt-message", message: "\(source.name) spoke \(messages) times by xsl:message"))
      }
      message.become(body, mediaType: mediaType)
    case .failed(let violations): throw InvalidMessage(violations)
    }
  }

  /// Runs a jq program that must yield exactly one value.
  private func one(
    _ source: ShapeSource, _ input: JqValue, rule: String
  ) throws(InvalidMessage) -> JqValue {
    let program = try program(source)
    switch program.run(input) {
    case .one(let value): return value
    case .none: throw InvalidMessage(rule: rule, "\(source.name) yields nothing; it must yield exactly one value")
    case .many: throw InvalidMessage(rule: rule, "\(source.name) yields more than one value; put them into an array")
    case .failed(let error):
      throw InvalidMessage(rule: rule, "\(source.name): \(plainJqError(error, program: source))")
    }
  }

  // MARK: compiled when first needed

  private func program(_ source: ShapeSource) throws(InvalidMessage) -> JqProgram {
    if let kept = programs[source] { return kept }
    let made = try compiled { () throws(ShapeComplaints) in try JqProgram(source) }
    programs[source] = made
    return made
  }

  private func schema(_ source: ShapeSource) throws(InvalidMessage) -> JSONSchemaShape {
    if let kept = schemas[source] { return kept }
    let made = try compiled { () throws(ShapeComplaints) in try JSONSchemaShape(source) }
    schemas[source] = made
    return made
  }

  private func xmlSchema(_ source: ShapeSource) throws(InvalidMessage) -> XSDShape {
    if let kept = xmlSchemas[source] { return kept }
    let made = try compiled { () throws(ShapeComplaints) in try XSDShape(source) }
    xmlSchemas[source] = made
    return made
  }

  private func stylesheet(_ source: ShapeSource) throws(InvalidMessage) -> XSLTShape {
    if let kept = stylesheets[source] { return kept }
    let made = try compiled { () throws(ShapeComplaints) in try XSLTShape(source) }
    stylesheets[source] = made
    return made
  }

  /// A source that does not compile makes every message invalid: `lgsp check` finds it before a hub starts.
  private func compiled<T>(_ compile: () throws(ShapeComplaints) -> T) throws(InvalidMessage) -> T {
    whileCompiling(true)
    defer { whileCompiling(false) }
    do { return try compile() } catch {
      throw InvalidMessage(error.list.map { Violation(rule: "shape", message: $0.description) })
    }
  }
}

func tooLarge(_ name: String, _ limits: TransformLimits) -> InvalidMessage {
  InvalidMessage(rule: "output-too-large", "\(name) makes more than \(limits.outputBytesMax) bytes")
}

func tooLargeInput(_ name: String) -> InvalidMessage {
  InvalidMessage(rule: "document-too-large", "\(name) cannot take more than 2 GiB at a time")
}
