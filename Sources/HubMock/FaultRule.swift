/// One thing that goes wrong at a socket, and for which requests.
///
/// As JSON, with every field optional: `{"method": "POST", "path": "/api/*", "skip": 2, "times": 1,
/// "latencyMilliseconds": 250, "status": 503, "close": "after"}`. A rule that names no fault lets the request through:
/// placed first, it shields a path from the rules after it.
public struct FaultRule: Sendable, Hashable {
  /// When the connection is closed instead of a whole answer.
  public enum Close: Sendable, Hashable {
    /// Before the far system has looked at the request: it has had no effect.
    case before
    /// After the far system has done what was asked: the caller cannot know, and is in doubt.
    case after
    /// After so many bytes of the answer's body.
    case atByte(Int)
  }

  /// Only requests with this method; nil: all.
  public var method: String?
  /// Only requests whose decoded path is this, where `*` stands for any text; nil: all.
  public var path: String?
  /// So many matching requests pass first.
  public var skip: Int
  /// So many requests are struck after that, then the rule sleeps; nil: all.
  public var times: Int?
  /// How long the request waits before anything else happens.
  public var latency: Duration
  /// Answered in place of the far system, which is not asked.
  public var status: Int?
  /// How the connection ends, if not well.
  public var close: Close?

  /// Creates a rule.
  public init(
    method: String? = nil, path: String? = nil, skip: Int = 0, times: Int? = nil, latency: Duration = .zero,
    status: Int? = nil, close: Close? = nil
  ) {
    self.method = method
    self.path = path
    self.skip = skip
    self.times = times
    self.latency = latency
    self.status = status
    self.close = close
  }

  /// Whether the rule speaks of such a request.
  func matches(method: String, path: String) -> Bool {
    if let wanted = self.method, wanted.uppercased() != method.uppercased() { return false }
    return self.path.map { Self.matches(pattern: Array($0.utf8), text: Array(path.utf8)) } ?? true
  }

  /// Matches with `*` for any bytes, going back to the last star only: no pattern takes longer than the product of
  /// the two lengths.
  private static func matches(pattern: [UInt8], text: [UInt8]) -> Bool {
    let star = UInt8(ascii: "*")
    var (p, t) = (0, 0)
    var retry: (p: Int, t: Int)?
    while t < text.count {
      if p < pattern.count, pattern[p] == star {
        retry = (p + 1, t)
        p += 1
      } else if p < pattern.count, pattern[p] == text[t] {
        (p, t) = (p + 1, t + 1)
      } else if let last = retry {
        retry = (last.p, last.t + 1)
        (p, t) = (last.p, last.t + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == star }
  }
}

extension FaultRule: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case method, path, skip, times, latencyMilliseconds, status, close
  }

  /// Any name, so that one that means nothing is noticed.
  private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  /// Reads a rule; an unknown field or a value out of its bounds is an error that names it.
  public init(from decoder: any Decoder) throws {
    let known = Set(Key.allCases.map(\.rawValue))
    for key in try decoder.container(keyedBy: AnyKey.self).allKeys where !known.contains(key.stringValue) {
      throw Self.wrong(decoder, "unknown field \(key.stringValue); known are \(known.sorted().joined(separator: ", "))")
    }
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      method: try values.decodeIfPresent(String.self, forKey: .method),
      path: try values.decodeIfPresent(String.self, forKey: .path),
      skip: try values.decodeIfPresent(Int.self, forKey: .skip) ?? 0,
      times: try values.decodeIfPresent(Int.self, forKey: .times),
      latency: .milliseconds(try values.decodeIfPresent(Int.self, forKey: .latencyMilliseconds) ?? 0),
      status: try values.decodeIfPresent(Int.self, forKey: .status),
      close: try values.decodeIfPresent(Close.self, forKey: .close))
    guard skip >= 0, times ?? 0 >= 0, latency >= .zero else {
      throw Self.wrong(decoder, "skip, times and latencyMilliseconds are 0 or more")
    }
    guard (200...599).contains(status ?? 200) else { throw Self.wrong(decoder, "status is from 200 to 599") }
  }

  private static func wrong(_ decoder: any Decoder, _ text: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: text))
  }

  /// Writes the fields that say something.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encodeIfPresent(method, forKey: .method)
    try values.encodeIfPresent(path, forKey: .path)
    if skip > 0 { try values.encode(skip, forKey: .skip) }
    try values.encodeIfPresent(times, forKey: .times)
    let milliseconds = latency.components.seconds * 1000 + latency.components.attoseconds / 1_000_000_000_000_000
    if milliseconds > 0 { try values.encode(milliseconds, forKey: .latencyMilliseconds) }
    try values.encodeIfPresent(status, forKey: .status)
    try values.encodeIfPresent(close, forKey: .close)
  }
}

extension FaultRule.Close: Codable {
  /// Reads `"before"`, `"after"` or a number of bytes.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if let count = try? value.decode(Int.self), count >= 0 {
      self = .atByte(count)
      return
    }
    switch try? value.decode(String.self) {
    case "before": self = .before
    case "after": self = .after
    default:
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "close is \"before\", \"after\" or a number of bytes"))
    }
  }

  /// Writes what ``init(from:)`` reads.
  public func encode(to encoder: any Encoder) throws {
    var value = encoder.singleValueContainer()
    switch self {
    case .before: try value.encode("before")
    case .after: try value.encode("after")
    case .atByte(let count): try value.encode(count)
    }
  }
}
