public import HubKit
internal import HubRouting

extension ConfigurationLoader {
  mutating func loadEndpoints(hubRetry: HubSettings.Retry) -> Named<EndpointConfiguration> {
    var named = Named<EndpointConfiguration>()
    for (node, object) in objects(in: "endpoints", EndpointDeclarations.endpoint) {
      let (name, place) = node.name
      if name == "recipients" || name == "none" { complaints.error(.reservedName(name ?? ""), at: place) }
      named.claim(name, at: place, what: "endpoint", into: &complaints)
      guard let object, let settings = settings(of: object, among: connectors) else { continue }
      let retry = node["retry"] == nil ? hubRetry : object.object("retry").map(HubSettings.Retry.init) ?? hubRetry
      let allow = object.texts("allow")
      let endpoint = EndpointConfiguration(
        object, settings: settings.values, retry: retry, allow: allow.isEmpty ? settings.addresses : allow,
        tls: tls(of: object))
      named.list.append(endpoint)
      if let next = loadNext(of: object, endpoint) { named.list.append(next) }
    }
    return named
  }

  /// What an endpoint says of TLS; nil: nothing.
  mutating func tls(of object: CheckedObject) -> EndpointConfiguration.TLS? {
    object.object("tls").map { tls in
      EndpointConfiguration.TLS(
        ca: pemFile("ca", of: tls), certificate: pemFile("certificate", of: tls), key: tls.secret("key"))
    }
  }

  mutating func loadMocks() -> [MockConfiguration] {
    guard let bytes = files.contents["mocks.yaml"], let root = root(of: "mocks.yaml", bytes, holding: "mocks"),
      let file = object(root, EndpointDeclarations.mockFile)
    else { return [] }
    var named = Named<MockConfiguration>()
    var addresses: [ListenAddress: SourcePlace] = [:]
    for mock in file.objects("mocks") {
      let name = mock.text("name") ?? mock.string("connector")
      named.claim(name, at: mock.place("name"), what: "mock", into: &complaints)
      guard let address = mock.address("address"), let settings = settings(of: mock, among: mockDescriptors) else {
        continue
      }
      if let first = addresses.updateValue(mock.place("address"), forKey: address), address.port != 0 {
        complaints.error(.addressTaken(address.description, first: first), at: mock.place("address"))
      }
      named.list.append(
        MockConfiguration(
          name: name, connector: mock.string("connector"), address: address, settings: settings.values,
          tls: mock.object("tls").map {
            MockConfiguration.TLS(
              certificate: $0.string("certificate"), key: $0.string("key"), expired: $0.text("expired"))
          },
          place: mock.place))
    }
    return named.list
  }

  /// The connector's own settings, and the addresses of the URLs in them.
  private mutating func settings(
    of object: CheckedObject, among descriptors: [ConnectorDescriptor]
  ) -> (values: SettingValues, addresses: [String])? {
    settings(
      object.settingsNode ?? YamlNode(kind: .map([]), place: object.place), of: object.string("connector"),
      at: object.place("connector"), among: descriptors)
  }

  /// - Parameter place: where the connector is named.
  mutating func settings(
    _ node: YamlNode, of connector: String, at place: SourcePlace, among descriptors: [ConnectorDescriptor]
  ) -> (values: SettingValues, addresses: [String])? {
    guard let descriptor = descriptors.first(where: { $0.name == connector }) else {
      complaints.error(.unknownConnector(connector, installed: descriptors.map(\.name)), at: place)
      return nil
    }
    let shape = ObjectShape(settingsOf: descriptor)
    guard let checked = self.object(node, shape) else { return nil }
    complainAboutClearSecrets(checked, shape)
    let declared = Dictionary(descriptor.settings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let values = checked.fields.compactMap { name, value in
      declared[name].flatMap { value.settingValue(of: $0.kind) }.map { (name, $0) }
    }
    let urls = descriptor.settings.filter { $0.kind == .url }.compactMap { checked.text($0.name) }
    let addresses = urls.compactMap { WebAddress($0)?.hostAndPort }
    return (
      SettingValues(Dictionary(values, uniquingKeysWith: { first, _ in first }), declared: descriptor.settings),
      Array(Set(addresses)).sorted()
    )
  }
}

extension ObjectShape {
  /// A connector's settings as declarations.
  init(settingsOf descriptor: ConnectorDescriptor) {
    self.init("settings of \(descriptor.name)", descriptor.settings.map(Declaration.init(setting:)))
  }
}

extension Declaration {
  /// Settings keep their defaults as values: ``HubKit/SettingValues`` fills them in.
  init(setting: Setting) {
    self.init(
      setting.name, Shape(kind: setting.kind), required: setting.required, example: setting.example, help: setting.help,
      vi: setting.help)
  }
}

extension Shape {
  init(kind: Setting.Kind) {
    self =
      switch kind {
      case .text: .text(.any)
      case .integer(let range): .integer(range)
      case .flag: .flag
      case .duration: .duration(.zero ... .seconds(86_400 * 3660))
      case .url: .text(.farURL)
      case .secret: .secret
      case .choice(let words): .choice(words)
      case .list: .oneOrMany(.text(.any))
      case .map: .map(.any, .text(.any))
      }
  }
}

extension Checked {
  /// The value as connectors take it.
  func settingValue(of kind: Setting.Kind) -> SettingValue? {
    switch value {
    case .text(let text): .text(text)
    case .integer(let number): .integer(number)
    case .flag(let flag): .flag(flag)
    case .duration(let duration): .duration(duration)
    case .secret(let secret): .secret(secret)
    case .list(let items): .list(items.compactMap(\.text))
    case .map(let entries):
      .map(
        Dictionary(
          entries.compactMap { entry in entry.value.text.map { (entry.key, $0) } },
          uniquingKeysWith: { first, _ in first }))
    case .number, .size, .object, .settings: nil
    }
  }
}

extension SettingValues {
  /// Settings from texts, as they would stand in a file; secrets in the clear. For contracts and tests of connectors.
  ///
  /// - Throws: `SettingError` naming the first that is not declared or breaks its kind.
  public init(texts: [String: String], declared: [Setting]) throws(SettingError) {
    var values: [String: SettingValue] = [:]
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      guard let setting = declared.first(where: { $0.name == name }) else {
        throw SettingError(name, "is no setting of the connector.")
      }
      if setting.kind == .secret {
        values[name] = .secret(Secret(reference: "contract:\(name)", value: text))
        continue
      }
      var reader = ShapeReader()
      let checked = reader.readScalar(
        text, plain: true, as: Shape(kind: setting.kind), key: name, at: SourcePlace(file: "contract.yaml"))
      guard let value = checked?.settingValue(of: setting.kind) else {
        throw SettingError(name, reader.complaints.list.first?.message ?? "cannot be given as a text.")
      }
      values[name] = value
    }
    self.init(values, declared: declared)
  }
}
