/// Something wrong with a program, stylesheet or schema, found without running it.
public struct ShapeComplaint: Error, Sendable, Hashable, CustomStringConvertible {
  /// Name of the source.
  public var source: String
  /// Line of its text, from 1, where it is known.
  public var line: Int?
  /// Column of the line in characters, from 1, where it is known.
  public var column: Int?
  /// What is wrong and what to do, in a sentence.
  public var message: String

  /// Creates a complaint.
  public init(source: String, line: Int? = nil, column: Int? = nil, message: String) {
    self.source = source
    self.line = line
    self.column = column
    self.message = message
  }

  /// `file:line:column: message`, as compilers write it.
  public var description: String {
    ([source] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":") + ": " + message
  }
}

/// Several complaints as one error.
struct ShapeComplaints: Error {
  var list: [ShapeComplaint]
}

/// Compiles everything in a plan without running it.
///
/// Used by `lgsp check`: touches nothing but its argument. It blocks for about 20 ms for each jq program.
///
/// - Returns: all that is wrong, in the order of the plan; empty when every source compiles.
public func compileComplaints(of plan: TransformPlan) -> [ShapeComplaint] {
  var complaints: [ShapeComplaint] = []
  func attempt(_ compile: () throws(ShapeComplaints) -> Void) {
    do { try compile() } catch { complaints += error.list }
  }
  if let when = plan.when { attempt { () throws(ShapeComplaints) in _ = try JqProgram(when) } }
  for step in plan.validate {
    switch step {
    case .jsonSchema(let source): attempt { () throws(ShapeComplaints) in _ = try JSONSchemaShape(source) }
    case .xsd(let source): attempt { () throws(ShapeComplaints) in _ = try XSDShape(source) }
    }
  }
  for rule in plan.keys { attempt { () throws(ShapeComplaints) in _ = try JqProgram(rule.jq) } }
  for step in plan.map {
    switch step {
    case .jq(let source): attempt { () throws(ShapeComplaints) in _ = try JqProgram(source) }
    case .xslt(let source): attempt { () throws(ShapeComplaints) in _ = try XSLTShape(source) }
    }
  }
  return complaints
}
