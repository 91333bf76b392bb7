public import HubKit

/// Two JSON documents side by side: every place at which they differ, and how each field fares.
///
/// Compared is what the documents mean. The order of members counts for nothing, that of items does; numbers are equal
/// by value and exactly, so that `1.0` is `1` and `9007199254740993` is not `9007199254740992`; texts are equal code
/// point for code point. What one side alone has is one difference, however much hangs below it.
public struct JSONComparison: Sendable, Hashable {
  /// How a place fares.
  public enum Finding: String, Sendable, Hashable, Codable {
    /// Both have the same there.
    case same
    /// Both have something there, and not the same.
    case differs
    /// Only the left document has it.
    case onlyLeft
    /// Only the right document has it.
    case onlyRight
  }

  /// A place at which two documents differ.
  public struct Difference: Sendable, Hashable {
    /// Where.
    public var path: JSONPath
    /// How; never ``Finding/same``.
    public var finding: Finding
  }

  /// The differences in the order of the left document, at most as many as were asked for. Names and indexes stand here
  /// as they are in the documents: ``JSONPath/place`` is for whoever may not show values.
  public private(set) var differences: [Difference] = []
  /// How many differences there are, those that were left out included.
  public private(set) var differenceCount = 0
  /// How each field fares, by ``JSONPath/place``, at most as many as were asked for. Where several items share a place
  /// it is the same only if it is in all of them.
  public private(set) var fields: [String: Finding] = [:]
  /// Whether there were more fields than were asked for.
  public private(set) var hasMoreFields = false

  /// Whether both mean the same.
  public var isSame: Bool { differenceCount == 0 }

  /// Compares two documents. Takes time and memory in proportion to their size.
  ///
  /// - Parameters:
  ///   - left: JSON text, such as what is there now.
  ///   - right: JSON text that is held against it.
  ///   - differencesMax: most entries of ``differences``.
  ///   - fieldsMax: most entries of ``fields``; fields that differ push out those that do not.
  ///   - depthMax: most levels of a document.
  /// - Throws: ``InvalidMessage`` when one of them is no JSON, with line and column and without any of its values.
  public init(
    _ left: [UInt8], _ right: [UInt8], differencesMax: Int = 1000, fieldsMax: Int = 1000, depthMax: Int = 256
  ) throws(InvalidMessage) {
    let (left, right) = (try JSONTree(left, depthMax: depthMax), try JSONTree(right, depthMax: depthMax))
    var walk = Walk(differencesMax: differencesMax, fieldsMax: fieldsMax)
    walk.compare(left, right, at: JSONPath())
    (differences, differenceCount, fields, hasMoreFields) =
      (walk.differences, walk.differenceCount, walk.fields, walk.hasMoreFields)
  }
}

/// Where a value stands in a JSON document.
public struct JSONPath: Sendable, Hashable, CustomStringConvertible {
  /// One step down.
  public enum Step: Sendable, Hashable {
    /// To a member of an object.
    case member(String)
    /// To an item of an array, from 0.
    case item(Int)
  }

  /// From the top; empty for the whole document.
  public var steps: [Step] = []

  /// The path as a JSON pointer (RFC 6901). Names of members may be values: see ``place``.
  public var description: String {
    pointer { step in
      switch step {
      case .member(let name): name
      case .item(let index): String(index)
      }
    }
  }

  /// The path as a JSON pointer that holds no value and is the same for all items of an array: their indexes are `*`,
  /// and so is a name that does not look like one of a schema. Such a name has at most 64 ASCII letters, digits and
  /// `_-.:@#$`, and fewer than four digits in a row, as a year, a phone or an identity number has.
  public var place: String {
    pointer { step in
      if case .member(let name) = step, Self.isOfSchema(name) { name } else { "*" }
    }
  }

  private func pointer(_ text: (Step) -> String) -> String {
    steps.map { "/" + text($0).replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
  }

  private static func isOfSchema(_ name: String) -> Bool {
    guard (1...64).contains(name.utf8.count) else { return false }
    var digits = 0
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): digits = 0
      case _ where Self.marks.contains(byte): digits = 0
      default: return false
      }
      if digits > 3 { return false }
    }
    return true
  }

  private static let marks = Array("_-.:@#$".utf8)
}

/// Goes through both documents at once.
private struct Walk {
  let differencesMax, fieldsMax: Int
  var differences: [JSONComparison.Difference] = []
  var differenceCount = 0
  var fields: [String: JSONComparison.Finding] = [:]
  var hasMoreFields = false

  mutating func compare(_ left: JSONTree, _ right: JSONTree, at path: JSONPath) {
    switch (left, right) {
    case (.object(let one), .object(let other)) where !(one.isEmpty && other.isEmpty):
      compare(one, other, at: path)
    case (.array(let one), .array(let other)) where !(one.isEmpty && other.isEmpty):
      for index in 0..<max(one.count, other.count) {
        let place = path.down(.item(index))
        if index >= other.count {
          find(.onlyLeft, at: place)
        } else if index >= one.count {
          find(.onlyRight, at: place)
        } else {
          compare(one[index], other[index], at: place)
        }
      }
    default: find(left.means(right) ? .same : .differs, at: path)
    }
  }

  private mutating func compare(
    _ left: [(name: String, value: JSONTree)], _ right: [(name: String, value: JSONTree)], at path: JSONPath
  ) {
    // By bytes: as texts, two names that are written differently may be equal.
    var others = Dictionary(right.map { (Array($0.name.utf8), $0.value) }, uniquingKeysWith: { $1 })
    for (name, value) in left {
      let place = path.down(.member(name))
      if let other = others.removeValue(forKey: Array(name.utf8)) {
        compare(value, other, at: place)
      } else {
        find(.onlyLeft, at: place)
      }
    }
    for (name, _) in right where others.removeValue(forKey: Array(name.utf8)) != nil {
      find(.onlyRight, at: path.down(.member(name)))
    }
  }

  private mutating func find(_ finding: JSONComparison.Finding, at path: JSONPath) {
    if finding != .same {
      differenceCount += 1
      if differences.count < differencesMax { differences.append(.init(path: path, finding: finding)) }
    }
    let place = path.place
    if let known = fields[place] {
      fields[place] = known.and(finding)
    } else if fields.count < fieldsMax || makesRoom(for: finding) {
      fields[place] = finding
    } else {
      hasMoreFields = true
    }
  }

  private mutating func makesRoom(for finding: JSONComparison.Finding) -> Bool {
    guard finding != .same, let spare = fields.first(where: { $0.value == .same }) else { return false }
    fields[spare.key] = nil
    hasMoreFields = true
    return true
  }
}

extension JSONPath {
  fileprivate func down(_ step: Step) -> JSONPath {
    var path = self
    path.steps.append(step)
    return path
  }
}

extension JSONComparison.Finding {
  /// What two items say together.
  fileprivate func and(_ other: Self) -> Self {
    if self == other || other == .same { return self }
    return self == .same ? other : .differs
  }
}

extension JSONTree {
  /// Whether two values without members or items are the same.
  fileprivate func means(_ other: JSONTree) -> Bool {
    switch (self, other) {
    case (.null, .null): true
    case (.bool(let one), .bool(let other)): one == other
    case (.number(let one), .number(let other)):
      one == other || ExactNumber(one).map { $0 == ExactNumber(other) } ?? false
    case (.string(let one), .string(let other)): one.utf8.elementsEqual(other.utf8)
    case (.array(let one), .array(let other)): one.isEmpty && other.isEmpty
    case (.object(let one), .object(let other)): one.isEmpty && other.isEmpty
    default: false
    }
  }
}

/// A number as JSON writes it, by its value: its digits without zeros at either end, and the power of ten of the last.
private struct ExactNumber: Equatable {
  var isNegative = false
  var digits: [UInt8] = []
  var exponent = 0

  /// - Returns: nil when its exponent is beyond all measure.
  init?(_ text: String) {
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-"): isNegative = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte)
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        guard let power = Int(String(decoding: text.utf8.dropFirst(index + 1), as: UTF8.self)) else { return nil }
        let (sum, isTooMuch) = power.subtractingReportingOverflow(fraction(of: text, upTo: index))
        if isTooMuch { return nil }
        exponent = sum
        trim()
        return
      default: break
      }
    }
    exponent = -fraction(of: text, upTo: text.utf8.count)
    trim()
  }

  /// How many digits follow the point.
  private func fraction(of text: String, upTo end: Int) -> Int {
    let mantissa = text.utf8.prefix(end)
    return mantissa.firstIndex(of: UInt8(ascii: ".")).map { mantissa.distance(from: $0, to: mantissa.endIndex) - 1 }
      ?? 0
  }

  private mutating func trim() {
    digits = Array(digits.drop { $0 == UInt8(ascii: "0") })
    while digits.last == UInt8(ascii: "0"), exponent < .max {
      digits.removeLast()
      exponent += 1
    }
    if digits.isEmpty { (isNegative, exponent) = (false, 0) }
  }
}
