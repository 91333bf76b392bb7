internal import FoundationEssentials
public import HubKit

/// The settings of one version of a connector, as they are kept beside its certificate: the next version must take what
/// this one took, unless its major version is higher.
public struct SettingsSnapshot: Sendable, Hashable, Codable {
  /// One setting.
  public struct Entry: Sendable, Hashable, Codable {
    /// Its kind, in a word.
    public var kind: String
    /// Whether it must be given.
    public var required: Bool
  }

  /// Version of the connector.
  public var version: String
  /// By name.
  public var settings: [String: Entry]

  /// The settings of a connector as it is.
  public init(of descriptor: ConnectorDescriptor) {
    version = descriptor.version
    settings = Dictionary(
      descriptor.settings.map { ($0.name, Entry(kind: Self.word($0.kind), required: $0.required)) },
      uniquingKeysWith: { first, _ in first })
  }

  /// What an endpoint's settings for this version would meet in a later one.
  ///
  /// - Returns: each thing that does not fit any more; empty when all fits, or when the major version says that it does
  ///   not.
  public func conflicts(with descriptor: ConnectorDescriptor) -> [String] {
    guard Self.major(descriptor.version) == Self.major(version) else { return [] }
    let now = SettingsSnapshot(of: descriptor).settings
    var found: [String] = []
    for (name, before) in settings.sorted(by: { $0.key < $1.key }) {
      guard let entry = now[name] else {
        found.append("the setting \(name) is gone")
        continue
      }
      if entry.kind != before.kind { found.append("the setting \(name) was \(before.kind) and is \(entry.kind)") }
      if entry.required, !before.required { found.append("the setting \(name) has become required") }
    }
    for (name, entry) in now.sorted(by: { $0.key < $1.key }) where settings[name] == nil && entry.required {
      found.append("the new setting \(name) is required")
    }
    return found
  }

  private static func major(_ version: String) -> Substring { version.prefix { $0 != "." } }

  private static func word(_ kind: Setting.Kind) -> String {
    switch kind {
    case .text: "text"
    case .integer: "integer"
    case .flag: "flag"
    case .duration: "duration"
    case .url: "url"
    case .secret: "secret"
    case .choice: "choice"
    case .list: "list"
    case .map: "map"
    }
  }
}
