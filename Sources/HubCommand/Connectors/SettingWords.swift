internal import HubKit

extension SettingValues {
  /// The value of a declared setting, its default among them; nil: there is none.
  func value(of setting: Setting) -> SettingValue? {
    switch setting.kind {
    case .text, .url, .choice: text(setting.name).map(SettingValue.text)
    case .integer: integer(setting.name).map(SettingValue.integer)
    case .flag: .flag(flag(setting.name))
    case .duration: duration(setting.name).map(SettingValue.duration)
    case .secret: secret(setting.name).map(SettingValue.secret)
    case .list: .list(list(setting.name))
    case .map: .map(map(setting.name))
    }
  }
}

extension Setting.Kind {
  /// The kind in a word or two.
  var words: String {
    switch self {
    case .text: "text"
    case .integer(let range) where range == Int.min...Int.max: "integer"
    case .integer(let range): "integer, \(range.lowerBound) to \(range.upperBound)"
    case .flag: "flag"
    case .duration: "duration"
    case .url: "URL"
    case .secret: "secret"
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list: "list"
    case .map: "map"
    }
  }
}

extension SettingValue {
  /// The value as it is written in a file; of a secret only its reference.
  var words: String {
    switch self {
    case .text(let text): text
    case .integer(let number): "\(number)"
    case .flag(let flag): "\(flag)"
    case .duration(let duration): Self.text(duration)
    case .secret(let secret): secret.reference
    case .list(let items): items.joined(separator: ", ")
    case .map(let entries): entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
  }

  private static func text(_ duration: Duration) -> String {
    let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
      if milliseconds > 0, milliseconds % Int64(size) == 0 { return "\(milliseconds / Int64(size))\(unit)" }
    }
    return "\(milliseconds)ms"
  }
}
