internal import HubTransform

/// How an answer in shadow compares with the one that counted: places, counts and times, never a value. It is part of
/// the journal's format.
public struct ShadowComparison: Sendable, Hashable, Codable {
  /// How it ended.
  public enum Result: String, Sendable, Hashable, Codable {
    /// Both answers mean the same.
    case same
    /// They do not.
    case differs
    /// The shadow did not answer, not in time, or not what can be read; `code` says which.
    case failed
    /// It was not asked, or the hub had no time to compare; `code` says why.
    case dropped
  }

  /// Whose answer counted, as `endpoint` or `endpoint/operation`.
  public var endpoint: String
  /// Who was asked in shadow.
  public var shadow: String
  /// How it ended.
  public var result: Result
  /// Why, where it `failed` or was `dropped`: a word.
  public var code: String?
  /// How long the answer that counted took.
  public var microseconds: Int64?
  /// How long the answer in shadow took; nil: there is none.
  public var shadowMicroseconds: Int64?
  /// Places (`JSONPath.place`) at which both have the same, at most ``agreeMax``.
  public var agree: [String]?
  /// Places at which both have something else, at most ``differMax`` with the next two.
  public var differ: [String]?
  /// Places that only the answer that counted has.
  public var onlyLive: [String]?
  /// Places that only the answer in shadow has.
  public var onlyShadow: [String]?
  /// True when there were more places than are kept.
  public var isCut: Bool?

  static let agreeMax = 200
  static let differMax = 20

  init(endpoint: String, shadow: String, _ result: Result, code: String? = nil) {
    self.endpoint = endpoint
    self.shadow = shadow
    self.result = result
    self.code = code
  }

  /// Takes in how each place fares.
  mutating func take(_ fields: [String: JSONComparison.Finding], hasMore: Bool) {
    let places = fields.keys.sorted()
    let wrong = places.filter { fields[$0] != .same }
    let shown = wrong.prefix(Self.differMax)
    let right = places.filter { fields[$0] == .same }
    result = wrong.isEmpty ? .same : .differs
    agree = Array(right.prefix(Self.agreeMax))
    differ = shown.filter { fields[$0] == .differs }
    onlyLive = shown.filter { fields[$0] == .onlyLeft }
    onlyShadow = shown.filter { fields[$0] == .onlyRight }
    if hasMore || wrong.count > Self.differMax || right.count > Self.agreeMax { isCut = true }
  }
}

extension ShadowComparison: CustomStringConvertible {
  /// For the exchange's timeline.
  public var description: String {
    var text = "\(shadow) in shadow: \(result.rawValue)"
    if let code { text += " (\(code))" }
    let places = [("", differ), ("only here ", onlyLive), ("only there ", onlyShadow)].flatMap { word, places in
      (places ?? []).map { word + ($0.isEmpty ? "the whole" : $0) }
    }
    if !places.isEmpty { text += " at \(places.joined(separator: ", "))" }
    if let microseconds, let shadowMicroseconds {
      text += "; \(Self.milliseconds(microseconds)), in shadow \(Self.milliseconds(shadowMicroseconds))"
    }
    return text
  }

  private static func milliseconds(_ microseconds: Int64) -> String {
    "\((Double(microseconds) / 100).rounded() / 10) ms"
  }
}
