internal import HubKit
internal import HubRouting

/// Reads all files of a configuration, then holds them against one another.
struct ConfigurationLoader {
  let files: ConfigFiles
  /// Connectors that are compiled in.
  let compiled: [ConnectorDescriptor]
  /// These, and those of the configuration's own manifests.
  var connectors: [ConnectorDescriptor]
  var mockDescriptors: [ConnectorDescriptor]
  let secrets: SecretResolution
  var complaints = Complaints()

  init(
    files: ConfigFiles, connectors: [ConnectorDescriptor], mocks: [ConnectorDescriptor], secrets: SecretResolution
  ) {
    self.files = files
    compiled = connectors
    self.connectors = connectors
    mockDescriptors = mocks
    self.secrets = secrets
  }

  /// Goes on after mistakes, so that one run shows them all.
  mutating func load() -> HubConfiguration? {
    complainAboutIgnoredFiles()
    let hub = loadHub()
    let manifests = loadManifests()
    connectors += manifests.map(\.descriptor)
    mockDescriptors += manifests.compactMap(\.mockDescriptor)
    let texts = SourceTexts(files: files, complaints: &complaints)
    let endpoints = loadEndpoints(
      hubRetry: hub?.retry ?? HubSettings.Retry(attempts: 1, first: .zero, factor: 1, max: .zero))
    let routes = loadRoutes(texts)
    let mocks = loadMocks()
    let agencies = loadAgencies()
    let configuration = hub.map {
      HubConfiguration(
        hub: $0, endpoints: endpoints.list, routes: routes.list.map(\.route), mocks: mocks, agencies: agencies.book,
        mappings: texts.mappings, schemas: texts.schemas, manifests: manifests, digest: files.digest)
    }
    let checks = CrossChecks(
      endpoints: endpoints, routes: routes, agencies: agencies, texts: texts, connectors: connectors,
      signIn: hub?.signIn)
    checks.run(into: &complaints)
    return configuration
  }

  private mutating func complainAboutIgnoredFiles() {
    for path in files.ignored {
      complaints.warning(
        .unknownFile(path, near: ConfigLayout.nearestPath(to: path)), at: SourcePlace(file: path))
    }
  }

  // MARK: - Files

  /// The root of a file that must be there.
  mutating func root(of path: String, holding what: String) -> YamlNode? {
    guard let bytes = files.contents[path] else {
      complaints.error(.missingFile(path), at: SourcePlace(file: path))
      return nil
    }
    return root(of: path, bytes, holding: what)
  }

  mutating func root(of path: String, _ bytes: [UInt8], holding what: String) -> YamlNode? {
    let before = complaints.list.count
    let node = YamlReader.read(bytes, file: path, into: &complaints)
    let isEmpty = node.map { if case .empty = $0.kind { true } else { false } } ?? true
    if isEmpty, complaints.list.count == before {
      complaints.error(.emptyFile(what), at: SourcePlace(file: path))
    }
    return isEmpty ? nil : node
  }

  /// Reads a group of keys with the given declarations.
  mutating func object(_ node: YamlNode, _ shape: ObjectShape) -> CheckedObject? {
    var reader = ShapeReader(secrets: secrets)
    defer { complaints.append(reader.complaints.list) }
    return reader.readObject(node, as: shape)
  }

  /// The groups in the files of a folder: each file holds one group, or a list of them.
  mutating func objects(in folder: String, _ shape: ObjectShape) -> [(node: YamlNode, object: CheckedObject?)] {
    var found: [(node: YamlNode, object: CheckedObject?)] = []
    for path in files.paths(in: folder, endingWith: ".yaml")
    where !path.contains("/fixtures/") && !path.contains("\(Self.testsSuffix)/") {
      guard let bytes = files.contents[path], let root = root(of: path, bytes, holding: shape.name) else { continue }
      let nodes = if case .list(let items) = root.kind { items } else { [root] }
      found += nodes.map { ($0, object($0, shape)) }
    }
    return found
  }

  private mutating func loadHub() -> HubSettings? {
    guard let root = root(of: "hub.yaml", holding: "hub, gateway, journal") else { return nil }
    guard let checked = object(root, HubDeclarations.file) else { return nil }
    if let admin = checked.object("admin") { complainAboutOperators(admin) }
    if let secrets = checked.object("secrets") { complainAboutAllowances(secrets) }
    if let transform = checked.object("transform") { complainAboutMemory(transform) }
    var settings = HubSettings(checked)
    if let https = checked.object("gateway")?.object("https"), let certificate = pemFile("certificate", of: https) {
      settings?.gateway.https?.certificate = certificate
    }
    return settings
  }
}

extension ConfigurationLoader {
  /// A document is held as text and as values, before and after each step, and a value is larger than its text.
  private mutating func complainAboutMemory(_ transform: CheckedObject) {
    let (memory, document) = (transform.size("memoryMax"), transform.size("documentBytesMax"))
    guard memory / 16 < document else { return }
    complaints.warning(.littleMemory(document: document), at: transform.place("memoryMax"))
  }

  /// Operators without a place to sign in were left half way, and so was a place that nobody may use.
  private mutating func complainAboutOperators(_ admin: CheckedObject) {
    let operators = admin.items("operators")
    if admin.text("signIn") == nil {
      for name in ["operators", "publicURL"] where admin[name] != nil {
        complaints.error(.needsSignIn(name), at: admin.place(name))
      }
    } else if operators.isEmpty {
      complaints.warning(.noOperators, at: admin.place("signIn"))
    }
    if let url = admin.text("publicURL"), url.split(separator: "/").count > 2 {
      complaints.error(.publicURLWithPath(url), at: admin.place("publicURL"))
    }
    var seen: [String: SourcePlace] = [:]
    for item in operators {
      guard let text = item.text else { continue }
      if let first = seen[text] { complaints.error(.operatorTwice(first: first), at: item.place) }
      seen[text] = seen[text] ?? item.place
    }
  }
}

/// The names that something has, also when the rest of it is wrong: else one mistake in an endpoint would bring
/// complaints about every route that names it.
struct Named<Value> {
  var list: [Value] = []
  var names: [String: SourcePlace] = [:]

  /// Takes a name, complaining when it is taken already.
  mutating func claim(_ name: String?, at place: SourcePlace, what: String, into complaints: inout Complaints) {
    guard let name else { return }
    if let first = names[name] {
      complaints.error(.duplicateName(name, what: what, first: first), at: place)
    } else {
      names[name] = place
    }
  }
}

extension YamlNode {
  /// The text under `name:`, and where it stands.
  var name: (text: String?, place: SourcePlace) {
    guard let node = self["name"], case .scalar(let text, _) = node.kind else { return (nil, place) }
    return (text, node.place)
  }
}
