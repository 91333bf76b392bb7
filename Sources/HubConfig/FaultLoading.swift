internal import FoundationEssentials
public import HubKit
internal import HubRouting

extension FaultRule {
  /// Rules that cannot be taken, with what is wrong.
  public struct Invalid: Error, Hashable, CustomStringConvertible {
    /// A line for each mistake: the member and what is allowed.
    public let description: String
  }

  /// Reads rules as a mock's control gets them; `mock.yaml` is held against the same declarations.
  ///
  /// - Parameter json: a rule as a JSON object, or an array of them.
  /// - Returns: the rules in order.
  /// - Throws: ``Invalid`` when one of them means nothing.
  public static func list(json: [UInt8]) throws(Invalid) -> [FaultRule] {
    guard let value = try? JSONDecoder().decode(PlainJSON.self, from: Data(json)) else {
      throw Invalid(description: "this is not JSON; write for example {\"path\": \"/v2/*\", \"close\": \"after\"}")
    }
    var reader = ShapeReader()
    let checked = reader.read(
      value.node(at: ""), as: .oneOrMany(.object(FaultDeclarations.rule)), key: "faults", example: "status: 503")
    var complaints = reader.complaints
    let objects = (checked?.items ?? []).compactMap(\.object)
    let rules = objects.compactMap { FaultRule($0, &complaints) }
    guard complaints.hasErrors else { return rules }
    let lines = complaints.list.map { $0.file.isEmpty ? $0.message : "\($0.file): \($0.message)" }
    throw Invalid(description: lines.joined(separator: "\n"))
  }

  /// Makes a rule from its checked keys, and looks at what one key says about another.
  init?(_ object: CheckedObject, _ complaints: inout Complaints) {
    let before = complaints.list.count
    let latency = Latency(object, &complaints)
    self.init(
      method: object.text("method"), path: object.text("path"), skip: object.integer("skip"),
      times: object["times"] == nil ? nil : object.integer("times"), share: object.number("share"),
      seed: object.integer("seed"),
      window: Window(after: object.span("after"), length: object.duration("for"), every: object.duration("every")),
      latency: latency, status: object["status"] == nil ? nil : object.integer("status"),
      headers: object.textMap("headers").sorted { $0.key < $1.key }.map { HeaderField($0.key, $0.value) },
      retryAfter: object.duration("retryAfter"), fault: Fault(object))
    for (key, owner) in Self.together where object[key] != nil && !owner.stands(in: object) {
      complaints.error(.onlyBeside(key, owner.words), at: object.place(key))
    }
    if object["close"] != nil, object["fault"] != nil {
      complaints.error(.closeAndFault, at: object.place("fault"))
    }
    if object.text("fault") == "drip", object["bytesPerSecond"] == nil {
      complaints.error(.missingKey("bytesPerSecond", in: "fault", example: "100"), at: object.place("fault"))
    }
    if fault == .expiredCertificate, let key = Self.ofRequests.first(where: { object[$0] != nil }) {
      complaints.error(.connectionOnly(key), at: object.place(key))
    }
    if let every = window.every, let length = window.length, every < length {
      complaints.error(.everyTooShort, at: object.place("every"))
    }
    if complaints.list.count > before { return nil }
  }

  /// What only requests have, or only their answers.
  private static let ofRequests = ["method", "path", "latency", "status"]

  /// What a key must stand beside: another key, with any value or a certain one.
  private struct Owner {
    var key: String
    var value: String?

    var words: String { value.map { "\(key): \($0)" } ?? "\(key):" }
    func stands(in object: CheckedObject) -> Bool {
      value == nil ? object[key] != nil : object.text(key) == value
    }
  }

  private static let together: [(key: String, owner: Owner)] = [
    ("headers", Owner(key: "status")), ("retryAfter", Owner(key: "status")), ("every", Owner(key: "for")),
    ("bytesPerSecond", Owner(key: "fault", value: "drip")), ("holdMax", Owner(key: "fault", value: "outOfOrder")),
  ]
}

extension FaultRule.Fault {
  /// How long an answer is held back when nothing is said.
  private static let holdMax = Duration.seconds(5)

  fileprivate init?(_ object: CheckedObject) {
    switch object.text("fault") {
    case "refuse": self = .refuse
    case "hang": self = .hang
    case "reset": self = .reset
    case "garbage": self = .garbage
    case "drip": self = .drip(bytesPerSecond: object.integer("bytesPerSecond"))
    case "duplicate": self = .duplicate
    case "expiredCertificate": self = .expiredCertificate
    case "outOfOrder": self = .outOfOrder(holdMax: object.duration("holdMax") ?? Self.holdMax)
    default:
      guard object["close"] != nil else { return nil }
      switch object.text("close") {
      case "before": self = .close(.before)
      case "after": self = .close(.after)
      default: self = .close(.atByte(object.integer("close")))
      }
    }
  }
}

extension FaultRule.Latency {
  fileprivate init?(_ rule: CheckedObject, _ complaints: inout Complaints) {
    if let constant = rule.duration("latency") {
      self = .constant(constant)
      return
    }
    guard let spread = rule.object("latency") else { return nil }
    let (min, max) = (spread.duration("min"), spread.duration("max"))
    let (p50, p99) = (spread.duration("p50"), spread.duration("p99"))
    switch (min, max, p50, p99) {
    case (let min?, let max?, nil, nil) where min <= max: self = .even(min: min, max: max)
    case (nil, nil, let p50?, let p99?) where p50 <= p99 && p50 > .zero: self = .logNormal(p50: p50, p99: p99)
    default:
      complaints.error(.badLatency, at: spread.place)
      return nil
    }
  }
}

/// JSON whose members nobody knows yet.
private enum PlainJSON: Decodable {
  case null
  case scalar(String, plain: Bool)
  case list([PlainJSON])
  case object([String: PlainJSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let flag = try? value.decode(Bool.self) {
      self = .scalar(String(flag), plain: true)
    } else if let whole = try? value.decode(Int.self) {
      self = .scalar(String(whole), plain: true)
    } else if let number = try? value.decode(Double.self) {
      self = .scalar(String(number), plain: true)
    } else if let text = try? value.decode(String.self) {
      self = .scalar(text, plain: false)
    } else if let list = try? value.decode([PlainJSON].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: PlainJSON].self))
    }
  }

  /// The same as a piece of a file; its place is its path, as in `[2].latency.min`.
  func node(at path: String) -> YamlNode {
    let place = SourcePlace(file: path)
    let kind: YamlNode.Kind =
      switch self {
      case .null: .empty
      case .scalar(let text, let plain): .scalar(text, plain: plain)
      case .list(let items): .list(items.enumerated().map { $1.node(at: "\(path)[\($0)]") })
      case .object(let members):
        .map(
          members.sorted { $0.key < $1.key }.map { key, value in
            let inside = path.isEmpty ? key : "\(path).\(key)"
            return YamlEntry(key: key, place: SourcePlace(file: inside), value: value.node(at: inside))
          })
      }
    return YamlNode(kind: kind, place: place)
  }
}

extension Phrase {
  fileprivate static func onlyBeside(_ key: String, _ owner: String) -> Phrase {
    Phrase(
      "only-beside", en: "`\(key)` stands only beside `\(owner)`.", vi: "`\(key)` chỉ được dùng cùng `\(owner)`.")
  }

  fileprivate static func connectionOnly(_ key: String) -> Phrase {
    Phrase(
      "connection-only", en: "`fault: expiredCertificate` strikes connections, and `\(key)` speaks of requests.",
      vi: "`fault: expiredCertificate` tính theo kết nối, còn `\(key)` nói về yêu cầu.")
  }

  fileprivate static let closeAndFault = Phrase(
    "close-and-fault", en: "`close` and `fault` exclude one another; write two rules.",
    vi: "Không dùng `close` cùng `fault`; hãy viết hai quy tắc.")

  fileprivate static let everyTooShort = Phrase(
    "every-too-short", en: "`every` is no shorter than `for`.", vi: "`every` không được ngắn hơn `for`.")

  fileprivate static let badLatency = Phrase(
    "bad-latency",
    en: "`latency` is a duration, `{min, max}` or `{p50, p99}`, the first no longer than the second and `p50` above 0.",
    vi: "`latency` là một khoảng thời gian, `{min, max}` hoặc `{p50, p99}`, giá trị đầu không lớn hơn giá trị sau và "
      + "`p50` lớn hơn 0.")
}
