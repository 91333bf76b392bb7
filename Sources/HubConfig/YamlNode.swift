internal import HubRouting

/// A piece of a YAML file that knows where it stands.
struct YamlNode {
  enum Kind {
    /// A scalar; `plain` when it stands without quotes, so that `true` and `5` are not texts.
    case scalar(String, plain: Bool)
    case list([YamlNode])
    case map([YamlEntry])
    /// `key:` with nothing behind it, `~` or `null`.
    case empty
  }

  var kind: Kind
  /// Where it begins; for the text of a block scalar (`|`, `>`) its first line.
  var place: SourcePlace

  /// What it is, for a complaint.
  var kindWords: (en: String, vi: String) {
    switch kind {
    case .scalar: ("a single value", "một giá trị đơn")
    case .list: ("a list", "một danh sách")
    case .map: ("a map of keys", "một nhóm khóa")
    case .empty: ("nothing", "để trống")
    }
  }

  /// The value of a key, when this is a map that has it.
  subscript(key: String) -> YamlNode? {
    guard case .map(let entries) = kind else { return nil }
    return entries.first { $0.key == key }?.value
  }

  /// The last line on which something of this node begins.
  var lastLine: Int {
    switch kind {
    case .scalar, .empty: place.line
    case .list(let items): items.map(\.lastLine).max() ?? place.line
    case .map(let entries): entries.map { max($0.place.line, $0.value.lastLine) }.max() ?? place.line
    }
  }
}

struct YamlEntry {
  var key: String
  /// Where the key begins.
  var place: SourcePlace
  var value: YamlNode
}
