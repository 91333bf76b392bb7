internal import Crypto
internal import HubKit
internal import HubRouting

extension ConfigurationLoader {
  /// The connectors in `connectors/`: one a folder, with its manifest in it.
  mutating func loadManifests() -> [ConnectorManifest] {
    var seen: [String: SourcePlace] = Dictionary(
      compiled.map { ($0.name, SourcePlace(file: "(lgsp)")) }, uniquingKeysWith: { first, _ in first })
    var loaded: [ConnectorManifest] = []
    for folder in files.connectorFolders {
      let path = "\(folder)/manifest.yaml"
      guard let bytes = files.contents[path] else {
        complaints.error(.noManifest(folder), at: SourcePlace(file: path))
        continue
      }
      guard let root = root(of: path, bytes, holding: "connector, version, summary"),
        let file = object(root, ManifestDeclarations.file)
      else { continue }
      let name = file.string("connector")
      if "connectors/\(name)" != folder {
        complaints.error(.connectorOutsideFolder(name, folder: folder), at: file.place("connector"))
        continue
      }
      if let first = seen[name] {
        complaints.error(.duplicateName(name, what: "connector", first: first), at: file.place("connector"))
        continue
      }
      seen[name] = file.place("connector")
      if let manifest = manifest(file, folder: folder) { loaded.append(manifest) }
    }
    return loaded
  }

  private mutating func manifest(_ file: CheckedObject, folder: String) -> ConnectorManifest? {
    let before = complaints.list.count
    var descriptor = ConnectorDescriptor(
      name: file.string("connector"), summary: file.string("summary"), certificate: file.string("level"),
      settings: file.entries("settings").compactMap { setting($0) }, version: file.string("version"),
      events: Self.terms(file.entries("events")), failures: Self.terms(file.entries("failures")))
    var way: ConnectorManifest.Way?
    if let http = file.object("http") {
      var builder = ManifestBuilder(
        texts: ConnectorTexts(folder: folder, files: files, complaints: complaints), settings: descriptor.settings)
      let built = builder.build(http)
      complaints = builder.texts.complaints
      if built.operations.count > 1 || built.operations.contains(where: { !$0.summary.isEmpty }) {
        descriptor.operations = built.operations.map { .init($0.name, $0.summary, isRead: $0.isRead) }
      } else if !built.operations.isEmpty, built.operations.allSatisfy(\.isRead) {
        descriptor.reading = .always
      }
      way = .http(built)
    } else if let object = file.object("files") {
      var builder = ManifestBuilder(
        texts: ConnectorTexts(folder: folder, files: files, complaints: complaints), settings: descriptor.settings)
      let built = builder.build(files: object)
      complaints = builder.texts.complaints
      descriptor.operations = built.operations.filter { !$0.summary.isEmpty }.map { .init($0.name, $0.summary) }
      way = .files(built)
    } else if let process = file.object("process") {
      let built = ProcessManifest(process)
      descriptor.operations = Self.terms(process.entries("operations"))
      checkReads(process, of: &descriptor)
      way = .process(built)
    }
    let mock = mock(in: folder)
    let contract = contract(in: folder)
    guard let way, !complaints.list[before...].contains(where: { $0.severity == .error }) else { return nil }
    return ConnectorManifest(
      descriptor: descriptor, way: way, mock: mock, contract: contract,
      folder: folder, digest: files.digest(of: folder), place: file.place)
  }

  /// The scenario beside a manifest, if there is one.
  private mutating func mock(in folder: String) -> MockScenario? {
    let path = "\(folder)/mock.yaml"
    guard let bytes = files.contents[path], let root = root(of: path, bytes, holding: "rules"),
      let file = object(root, ScenarioDeclarations.file)
    else { return nil }
    let settings = file.entries("settings").compactMap { setting($0) }
    var builder = ScenarioBuilder(texts: ConnectorTexts(folder: folder, files: files, complaints: complaints))
    let scenario = builder.build(file, settings: settings)
    complaints = builder.texts.complaints
    return scenario
  }

  /// How the connector is proved, if its folder says so.
  private mutating func contract(in folder: String) -> ContractManifest? {
    let path = "\(folder)/contract.yaml"
    guard let bytes = files.contents[path], let root = root(of: path, bytes, holding: "settings"),
      let file = object(root, ContractDeclarations.file)
    else { return nil }
    var texts = ConnectorTexts(folder: folder, files: files, complaints: complaints)
    let contract = ContractManifest(file, &texts)
    complaints = texts.complaints
    return contract
  }

  /// Marks the operations that a program says change nothing.
  private mutating func checkReads(_ process: CheckedObject, of descriptor: inout ConnectorDescriptor) {
    let known = descriptor.operations.map(\.name)
    for item in process.items("reads") {
      guard let name = item.text else { continue }
      guard let index = known.firstIndex(of: name) else {
        complaints.error(.unknownRead(name, near: nearest(to: name, in: known)), at: item.place)
        continue
      }
      descriptor.operations[index].isRead = true
    }
  }

  private static func terms(_ entries: [CheckedEntry]) -> [ConnectorDescriptor.Operation] {
    entries.compactMap { entry in entry.value.text.map { .init(entry.key, $0) } }
  }

  // MARK: - Settings

  private mutating func setting(_ entry: CheckedEntry) -> Setting? {
    guard let object = entry.value.object, let kind = kind(of: object) else { return nil }
    var standard: SettingValue?
    if let text = object.text("default") {
      if case .secret = kind {
        complaints.error(.secretWithDefault(entry.key), at: object.place("default"))
        return nil
      }
      var reader = ShapeReader()
      let read = reader.readScalar(
        text, plain: true, as: Shape(kind: kind), key: entry.key, at: object.place("default"))
      complaints.append(reader.complaints.list)
      standard = read?.settingValue(of: kind)
      if standard == nil { return nil }
    }
    return Setting(
      entry.key, kind, default: standard, required: object.flag("required"), example: object.string("example"),
      help: object.string("help"))
  }

  private mutating func kind(of object: CheckedObject) -> Setting.Kind? {
    switch object.string("kind") {
    case "text": return .text
    case "integer":
      let range = (
        object["min"] == nil ? Int.min : object.integer("min"),
        object["max"] == nil
          ? Int.max
          : object.integer("max")
      )
      guard range.0 <= range.1 else {
        complaints.error(.outOfRange("\(range.0)", from: "…", to: "\(range.1)"), at: object.place("min"))
        return nil
      }
      return .integer(range.0...range.1)
    case "flag": return .flag
    case "duration": return .duration
    case "url": return .url
    case "secret": return .secret
    case "list": return .list
    case "map": return .map
    default:
      let words = object.texts("choices")
      if words.isEmpty {
        complaints.error(.missingKey("choices", in: "setting", example: "[test, live]"), at: object.place)
        return nil
      }
      return .choice(words)
    }
  }
}

extension ConfigFiles {
  /// Folders of connectors, as in `connectors/operations-centre`, sorted.
  var connectorFolders: [String] {
    Set(
      contents.keys.filter { $0.hasPrefix("connectors/") }.compactMap { path -> String? in
        let parts = path.split(separator: "/")
        return parts.count > 2 ? parts.prefix(2).joined(separator: "/") : nil
      }
    ).sorted()
  }

  /// SHA-256 over the files of a folder, in lower-case hex.
  func digest(of folder: String) -> String {
    ConfigFiles(contents.filter { $0.key.hasPrefix("\(folder)/") }).digest
  }
}

extension Phrase {
  static func noManifest(_ folder: String) -> Phrase {
    Phrase(
      "no-manifest", en: "The folder \(folder) has no manifest.yaml; `lgsp connector new` makes one.",
      vi: "Thư mục \(folder) không có manifest.yaml; `lgsp connector new` tạo ra tệp này.")
  }

  static func connectorOutsideFolder(_ name: String, folder: String) -> Phrase {
    let own = folder.split(separator: "/").last.map(String.init) ?? folder
    return Phrase(
      "connector-outside-folder",
      en: "The connector `\(name)` lies in the folder `\(own)`; both have the same name.",
      vi: "Bộ kết nối `\(name)` nằm trong thư mục `\(own)`; hai tên phải trùng nhau.", suggestion: own)
  }

  static func secretWithDefault(_ name: String) -> Phrase {
    Phrase(
      "secret-with-default", en: "The secret `\(name)` cannot have a default: each installation has its own.",
      vi: "Bí mật `\(name)` không được có giá trị mặc định: mỗi nơi cài đặt có bí mật riêng.")
  }

  static func unknownVariable(_ name: String, known: [String]) -> Phrase {
    Phrase(
      "unknown-variable",
      en: "Nothing here is called `{\(name)}`; known are \(known.map { "`{\($0)}`" }.joined(separator: ", ")).",
      vi: "Ở đây không có `{\(name)}`; các tên dùng được: \(known.map { "`{\($0)}`" }.joined(separator: ", ")).",
      suggestion: nearest(to: name, in: known))
  }

  static func secretInTemplate(_ name: String) -> Phrase {
    Phrase(
      "secret-in-template", en: "The secret `{\(name)}` cannot stand in a template; use it in `authentication:`.",
      vi: "Bí mật `{\(name)}` không được đặt trong mẫu; hãy dùng ở `authentication:`.")
  }

  static func eitherOr(_ one: String, _ other: String) -> Phrase {
    Phrase(
      "either-or", en: "`\(one)` and `\(other)` exclude each other; keep one.",
      vi: "`\(one)` và `\(other)` loại trừ nhau; chỉ giữ một.")
  }

  static func unknownSetting(_ name: String, known: [String], secret: Bool) -> Phrase {
    Phrase(
      "unknown-setting", en: "There is no \(secret ? "setting of kind `secret`" : "setting") called `\(name)`.",
      vi: "Không có thiết lập \(secret ? "kiểu `secret` " : "")tên `\(name)`.", suggestion: nearest(to: name, in: known)
    )
  }

  static func badStatus(_ text: String) -> Phrase {
    Phrase(
      "bad-status", en: "`\(text.prefix(20))` is no status; write for example `404` or `5xx`.",
      vi: "`\(text.prefix(20))` không phải mã trạng thái; ví dụ `404` hoặc `5xx`.")
  }
}
