internal import HubKit
internal import HubRouting

/// What `hub.yaml` says that is fixed for the life of a process: where it listens and keeps its data, and limits on
/// which whatever was built at the start relies.
enum FixedSettings {
  /// One such key.
  struct Key: Sendable {
    /// Its path, as in `gateway.http`.
    let path: String
    let value: @Sendable (HubSettings) -> AnyHashable

    init(_ path: String, _ value: @escaping @Sendable (HubSettings) -> AnyHashable) {
      self.path = path
      self.value = value
    }
  }

  static let keys: [Key] = [
    Key("hub.organisation") { $0.organisation }, Key("hub.data") { $0.dataFolder },
    Key("gateway.http") { $0.gateway.http }, Key("gateway.https.address") { $0.gateway.https?.address },
    Key("gateway.bodyBytesMax") { $0.gateway.bodyBytesMax },
    Key("gateway.headerBytesMax") { $0.gateway.headerBytesMax },
    Key("gateway.requestTimeout") { $0.gateway.requestTimeout },
    Key("gateway.tokenLifetime") { $0.gateway.tokenLifetime }, Key("gateway.batchMax") { $0.gateway.batchMax },
    Key("gateway.connectionsMax") { $0.gateway.connectionsMax },
    Key("limits.questionWait") { $0.limits.questionWait },
    Key("limits.transformQueueMax") { $0.limits.transformQueueMax },
    Key("journal.key") { $0.journal.key }, Key("journal.duplicateWindow") { $0.journal.duplicateWindow },
    Key("journal.keepEvents") { $0.journal.keepEvents }, Key("journal.keepSegments") { $0.journal.keepSegments },
    Key("transform.threads") { $0.transform.threads }, Key("transform.timeMax") { $0.transform.timeMax },
    Key("transform.memoryMax") { $0.transform.memoryMax },
    Key("transform.depthMax") { $0.transform.depthMax },
    Key("transform.documentBytesMax") { $0.transform.documentBytesMax },
    Key("transform.attachmentBytesMax") { $0.transform.attachmentBytesMax },
    Key("admin.address") { $0.admin }, Key("admin.signIn") { $0.signIn == nil },
    Key("admin.sessionIdle") { $0.signIn?.sessionIdle }, Key("admin.sessionMax") { $0.signIn?.sessionMax },
    Key("admin.attemptsMax") { $0.signIn?.attemptsMax },
    Key("documents.watchFor") { $0.documents.watchFor },
    Key("insight.every") { $0.insight?.every }, Key("insight.minInterval") { $0.insight?.minInterval },
  ]
}

extension HubConfiguration {
  /// What keeps a running hub from going on with this configuration instead of `old`: keys that only a start reads.
  ///
  /// - Parameter files: what this configuration was read from, for the places.
  /// - Returns: an error for each such key that changed; empty when a running hub can take it.
  public func restartComplaints(after old: HubConfiguration, files: ConfigFiles) -> [Complaint] {
    FixedSettings.keys.filter { $0.value(old.hub) != $0.value(hub) }.map { key in
      files.complaint(.needsRestart(key.path), .error, atKey: key.path)
    }
  }
}

extension ConfigFiles {
  /// Where `hub.yaml` puts the data, whatever else is wrong with the configuration; nil when that file is no YAML.
  public var dataFolder: String? {
    guard let root = hubRoot else { return nil }
    guard case .scalar(let text, _)? = root["hub"]?["data"]?.kind else {
      return ShapeReader.defaultText("data", in: HubDeclarations.identity)
    }
    return text
  }

  private var hubRoot: YamlNode? {
    var complaints = Complaints()
    return contents["hub.yaml"].flatMap { YamlReader.read($0, file: "hub.yaml", into: &complaints) }
  }

  /// The place of a key of `hub.yaml`, or of the nearest group around it where it was left out.
  private func place(ofKey path: String) -> SourcePlace {
    guard var node = hubRoot else { return SourcePlace(file: "hub.yaml") }
    var place = node.place
    for name in path.split(separator: ".") {
      guard case .map(let entries) = node.kind, let entry = entries.first(where: { $0.key == name }) else { break }
      place = entry.place
      node = entry.value
    }
    return place
  }

  fileprivate func complaint(_ phrase: Phrase, _ severity: Complaint.Severity, atKey path: String) -> Complaint {
    let place = place(ofKey: path)
    return Complaint(
      severity: severity, file: place.file, line: place.line, column: place.column, code: phrase.code,
      message: phrase.en, vi: phrase.vi)
  }
}

extension Phrase {
  fileprivate static func needsRestart(_ key: String) -> Phrase {
    Phrase(
      "needs-restart",
      en: "`\(key)` cannot change while the hub runs: put the old value back, or restart the hub.",
      vi: "Không đổi được `\(key)` khi hub đang chạy: hãy đặt lại giá trị cũ hoặc khởi động lại hub.")
  }
}
