internal import HubKit
internal import HubRouting

extension ConfigurationLoader {
  /// Routes in the order of file names, then of place.
  mutating func loadRoutes(_ texts: SourceTexts) -> Named<LoadedRoute> {
    var named = Named<LoadedRoute>()
    for (node, object) in objects(in: "routes", RouteDeclarations.route) {
      let (name, place) = node.name
      if name == "none" { complaints.error(.reservedName("none"), at: place) }
      named.claim(name, at: place, what: "route", into: &complaints)
      if case .map = node.kind, node["keep"] == nil {
        complaints.error(.missingKeep(name ?? "?"), at: node.place)
      }
      complainAboutAttributes(node["match"])
      guard let object = object.map({ $0.adding(recordedTests(of: $0.string("name"))) }) else { continue }
      var builder = RouteBuilder(route: object, texts: texts, files: files, complaints: complaints)
      let route = builder.build()
      complaints = builder.complaints
      if let route { named.list.append(LoadedRoute(route, from: object)) }
    }
    return named
  }

  /// Tests that `lgsp record` made: one a file, in the folder `<route>.tests` beside the route's own file.
  private mutating func recordedTests(of route: String) -> [Checked] {
    files.paths(in: "routes/\(route)\(Self.testsSuffix)", endingWith: ".yaml").compactMap { path in
      guard let bytes = files.contents[path], let root = root(of: path, bytes, holding: "name, input, expect") else {
        return nil
      }
      return object(root, RouteTestDeclarations.test).map { Checked(value: .object($0), place: root.place) }
    }
  }

  /// Ends the name of the folder that holds a route's recorded tests.
  static let testsSuffix = ".tests"

  /// A slip in the name of an attribute would make a route that never matches, without a word.
  private mutating func complainAboutAttributes(_ match: YamlNode?) {
    guard case .map(let entries)? = match?.kind else { return }
    for entry in entries where !AttributeName.known.contains(entry.key) && AttributeName.isValid(entry.key) {
      guard let near = nearest(to: entry.key, in: AttributeName.known) else { continue }
      complaints.warning(.unusualAttribute(entry.key, near: near), at: entry.place)
    }
  }
}

/// A name that something is called by, and where.
typealias NamedPlace = (name: String, place: SourcePlace)

extension CheckedObject {
  /// A route with further tests.
  fileprivate func adding(_ tests: [Checked]) -> CheckedObject {
    guard !tests.isEmpty else { return self }
    var route = self
    route.fields["tests"] = Checked(value: .list(items("tests") + tests), place: place("tests"))
    return route
  }
}

/// A route with the places that cross checks need.
struct LoadedRoute {
  var route: Route
  /// Endpoints to which it sends or which it asks, with their operations.
  var targets: [(address: EndpointAddress, place: SourcePlace)] = []
  /// Endpoints that its tests name.
  var testEndpoints: [NamedPlace] = []
  /// Routes that its tests name.
  var testRoutes: [NamedPlace] = []
  var keepPlace: SourcePlace
  var recordPlace: SourcePlace
  var shadowPlace: SourcePlace

  init(_ route: Route, from object: CheckedObject) {
    self.route = route
    keepPlace = object.place("keep")
    recordPlace = object.place("record")
    let shadow = object["shadow"].flatMap { $0.object?["to"] ?? $0 }
    shadowPlace = shadow?.place ?? object.place
    let named = object.items("to") + object.items("tap") + object.objects("enrich").compactMap { $0["call"] }
    targets = (named + [object["fallback"], shadow].compactMap { $0 }).compactMap { item in
      item.text.flatMap { $0 == "recipients" ? nil : (EndpointAddress(text: $0), item.place) }
    }
    for test in object.objects("tests") {
      let expect = test.object("expect")
      for object in test.objects("replies") + (expect?.objects("deliveries") ?? []) {
        testEndpoints.append((object.string("endpoint"), object.place("endpoint")))
      }
      if let expect, let name = expect.text("route"), name != "none" {
        testRoutes.append((name, expect.place("route")))
      }
    }
  }
}

/// Makes a route from its checked keys.
struct RouteBuilder {
  let route: CheckedObject
  let texts: SourceTexts
  let files: ConfigFiles
  var complaints: Complaints

  mutating func build() -> Route? {
    let name = route.string("name")
    let before = complaints.list.count
    if route["to"] == nil, route["split"] == nil { complaints.error(.routeWithoutTarget(name), at: route.place) }
    let built = Route(
      name: name, match: match, require: route.texts("require"), when: route["when"].map { inline($0, key: "when") },
      validate: validations(route), enrich: calls, map: mappings(route), split: split, to: targets,
      tap: route.texts("tap").map(EndpointAddress.init(text:)),
      fallback: route.text("fallback").map(EndpointAddress.init(text:)), shadow: shadow(), reply: reply(),
      deadline: route.duration("deadline"), order: route.text("order").flatMap { try? KeyTemplate($0) }, keys: keys,
      expiry: route.duration("expiry"), keep: keep,
      record: route.text("record").flatMap(RouteRecord.init) ?? .beforeCall, why: route.text("why"),
      secrets: secrets(), signatures: route.text("signatures").flatMap(RouteSignatures.init) ?? .note, tests: tests(),
      place: route.place)
    return complaints.list.count == before ? built : nil
  }

  private var match: RouteMatch {
    let pairs = route.entries("match").map { entry -> (String, [Pattern]) in
      guard case .list(let items) = entry.value.value else { return (entry.key, []) }
      return (entry.key, items.compactMap(\.text).map(Pattern.init))
    }
    return RouteMatch(Dictionary(pairs, uniquingKeysWith: { first, _ in first }))
  }

  private var keep: RouteKeep {
    switch route.text("keep") {
    case "masked": .masked
    case "digest": .digest
    default: route.duration("keep").map(RouteKeep.duration) ?? .digest
    }
  }

  private var targets: [RouteTarget] {
    route.items("to").compactMap { item in
      if let text = item.text { return text == "recipients" ? .recipients : .endpoint(EndpointAddress(text: text)) }
      return item.object.map { .origin(key: $0.string("origin")) }
    }
  }

  private var calls: [RouteCall] {
    route.objects("enrich").compactMap { call in
      call["with"].map { with in
        RouteCall(
          name: call.string("name"), call: EndpointAddress(text: call.string("call")),
          with: inline(with, key: "enrich.\(call.string("name"))"), optional: call.flag("optional"),
          attributes: Dictionary(
            call.entries("attributes").compactMap { entry in entry.value.text.map { (entry.key, $0) } },
            uniquingKeysWith: { $1 }))
      }
    }
  }

  private var split: RouteSplit? {
    route.object("split").flatMap { split in
      split["jq"].map { RouteSplit(jq: inline($0, key: "split"), type: split.string("type")) }
    }
  }

  private mutating func shadow() -> RouteShadow? {
    if let text = route.text("shadow") { return RouteShadow(to: EndpointAddress(text: text)) }
    guard let shadow = route.object("shadow") else { return nil }
    return RouteShadow(to: EndpointAddress(text: shadow.string("to")), map: mappings(shadow))
  }

  private mutating func reply() -> RouteReply? {
    guard let reply = route.object("reply") else { return nil }
    return RouteReply(validate: validations(reply), map: mappings(reply))
  }

  private var keys: [RouteKey] {
    route.objects("keys").compactMap { key in
      key["jq"].map { jq in
        RouteKey(
          name: key.string("name"), jq: inline(jq, key: "keys.\(key.string("name"))"), personal: key.flag("personal"))
      }
    }
  }

  private func inline(_ value: Checked, key: String) -> TextSource {
    TextSource(name: "\(value.place.file)#\(route.string("name")).\(key)", text: value.text ?? "", place: value.place)
  }

  private mutating func validations(_ owner: CheckedObject) -> [RouteValidation] {
    var list: [RouteValidation] = []
    for object in owner.objects("validate") {
      if let source = source(object["jsonSchema"], in: "schemas", ending: ".json") { list.append(.jsonSchema(source)) }
      if let source = source(object["xsd"], in: "schemas", ending: ".xsd") { list.append(.xsd(source)) }
    }
    return list
  }

  private mutating func mappings(_ owner: CheckedObject) -> [RouteMapping] {
    var list: [RouteMapping] = []
    for object in owner.objects("map") {
      if let source = source(object["jq"], in: "mappings", ending: ".jq") { list.append(.jq(source)) }
      if let source = source(object["xslt"], in: "mappings", ending: ".xslt") { list.append(.xslt(source)) }
    }
    return list
  }

  /// The text of a file that the route names; its place is where the route names it.
  private mutating func source(_ value: Checked?, in folder: String, ending: String) -> TextSource? {
    guard let value, let name = value.text else { return nil }
    guard name.hasSuffix(ending) else {
      complaints.error(.wrongEnding(name, wanted: ending), at: value.place)
      return nil
    }
    let known = folder == "mappings" ? texts.mappings : texts.schemas
    if var source = known[name] {
      source.place = value.place
      return source
    }
    // A file that is there but is no text has its own complaint already.
    guard texts.names[folder]?.contains(name) != true else { return nil }
    let names = (texts.names[folder] ?? []).filter { $0.hasSuffix(ending) }
    complaints.error(.missingSource("\(folder)/\(name)", near: nearest(to: name, in: names)), at: value.place)
    return nil
  }
}
