internal import HubKit
internal import HubRouting

// The second version of an endpoint: an endpoint of its own, which says only what is different.

extension ConfigurationLoader {
  /// Reads what stands under `next:`.
  ///
  /// - Returns: the second version; nil when there is none, or a complaint about it.
  mutating func loadNext(
    of object: CheckedObject, _ endpoint: EndpointConfiguration
  ) -> EndpointConfiguration? {
    guard let next = object.object("next") else { return nil }
    if connectors.contains(where: { $0.name == endpoint.connector && $0.isInbox }) {
      complaints.error(.nextOfInbox(endpoint.name), at: next.place)
      return nil
    }
    if ["connector", "settings", "allow", "tls"].allSatisfy({ next[$0] == nil }) {
      complaints.warning(.nextWithoutDifference(endpoint.name), at: next.place)
    }
    let connector = next.text("connector") ?? endpoint.connector
    let known = connectors.first { $0.name == connector }?.settings.map(\.name) ?? []
    let node = Self.merged(next.settingsNode, over: object.settingsNode, known: known, at: next.place)
    guard
      let settings = settings(node, of: connector, at: next.place("connector"), among: connectors)
    else { return nil }
    var version = endpoint
    version.name = EndpointVersionName.next(of: endpoint.name)
    version.connector = connector
    version.settings = settings.values
    let allow = next.texts("allow")
    version.allow = allow.isEmpty ? Array(Set(object.texts("allow") + settings.addresses)).sorted() : allow
    version.tls = tls(of: next) ?? endpoint.tls
    // What the far system brings by itself comes in by the first version.
    version.poll = nil
    version.next = nil
    version.nextIsShadow = false
    version.isNext = true
    version.place = next.place
    return version
  }

  /// The settings of a second version: its own, and those of the first that its connector knows too.
  private static func merged(
    _ own: YamlNode?, over first: YamlNode?, known: [String], at place: SourcePlace
  ) -> YamlNode {
    let own = own ?? YamlNode(kind: .map([]), place: place)
    guard case .map(let entries) = own.kind, case .map(let firsts)? = first?.kind else { return own }
    let kept = firsts.filter { entry in known.contains(entry.key) && own[entry.key] == nil }
    return YamlNode(kind: .map(entries + kept), place: own.place)
  }
}

extension VersionRule {
  /// What stands under `when:`; left out it takes nothing.
  init(_ when: CheckedObject?) {
    if let time = when?.text("from").flatMap(Timestamp.init(rfc3339:)) {
      self = .from(time)
    } else if let keys = when?.texts("keys"), !keys.isEmpty {
      self = .keys(keys.map(Pattern.init))
    } else if let when, when["share"] != nil {
      self = .share(when.number("share"))
    } else {
      self = .never
    }
  }
}

extension CheckedObject {
  /// The settings of a connector, not checked yet.
  var settingsNode: YamlNode? {
    if case .settings(let node)? = fields["settings"]?.value { node } else { nil }
  }
}

extension Phrase {
  static func nextOfInbox(_ endpoint: String) -> Phrase {
    Phrase(
      "next-of-inbox",
      en: "`\(endpoint)` is an inbox, which has no far system that could change: take `next` out.",
      vi: "`\(endpoint)` là hộp nhận, không có hệ thống đích nào để đổi phiên bản: hãy bỏ `next`.")
  }

  static func nextWithoutDifference(_ endpoint: String) -> Phrase {
    Phrase(
      "next-without-difference",
      en:
        "The second version of `\(endpoint)` is as the first: say what is different (`connector`, `settings`, `allow` "
        + "or `tls`), or take `next` out.",
      vi: "Phiên bản thứ hai của `\(endpoint)` giống hệt phiên bản đầu: hãy ghi chỗ khác (`connector`, `settings`, "
        + "`allow` hoặc `tls`), hoặc bỏ `next`.")
  }
}
