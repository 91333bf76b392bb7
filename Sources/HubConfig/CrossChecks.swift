internal import HubKit
internal import HubRouting

/// Holds the parts of a configuration against one another.
struct CrossChecks {
  let endpoints: Named<EndpointConfiguration>
  let routes: Named<LoadedRoute>
  let agencies: LoadedAgencies
  let texts: SourceTexts
  let connectors: [ConnectorDescriptor]
  let signIn: HubSettings.SignIn?

  func run(into complaints: inout Complaints) {
    checkEndpointNames(&complaints)
    checkOperations(&complaints)
    checkInboxes(&complaints)
    checkSplits(&complaints)
    checkRecords(&complaints)
    checkComparisons(&complaints)
    checkUnusedEndpoints(&complaints)
    checkRules(&complaints)
    checkShadows(&complaints)
    checkUnusedTexts(&complaints)
    checkPersonalData(&complaints)
  }

  // MARK: - Endpoints

  /// All places that name an endpoint.
  private var endpointUses: [NamedPlace] {
    let targets = routes.list.flatMap(\.targets).map { (name: $0.address.endpoint, place: $0.place) }
    return targets + routes.list.flatMap(\.testEndpoints) + agencies.endpoints + agencies.ruleEndpoints
      + (signIn.map { [NamedPlace(name: $0.endpoint, place: $0.place)] } ?? [])
  }

  private func checkOperations(_ complaints: inout Complaints) {
    for target in routes.list.flatMap(\.targets) {
      guard let operation = target.address.operation else { continue }
      let name = target.address.endpoint
      for endpoint in endpoints.list where [name, EndpointVersionName.next(of: name)].contains(endpoint.name) {
        let known = connectors.first { $0.name == endpoint.connector }?.operations.map(\.name) ?? []
        guard !known.contains(operation) else { continue }
        complaints.error(
          .unknownOperation(operation, of: endpoint.name, near: nearest(to: operation, in: known)), at: target.place)
      }
    }
  }

  private func checkEndpointNames(_ complaints: inout Complaints) {
    for use in endpointUses where endpoints.names[use.name] == nil {
      complaints.error(.unknownEndpoint(use.name, near: nearest(to: use.name, in: endpoints.names.keys)), at: use.place)
    }
    for use in routes.list.flatMap(\.testRoutes) where routes.names[use.name] == nil {
      complaints.error(.unknownRoute(use.name, near: nearest(to: use.name, in: routes.names.keys)), at: use.place)
    }
  }

  private func checkUnusedEndpoints(_ complaints: inout Complaints) {
    // Agencies that are not known here may be the ones that use an endpoint.
    guard agencies.isKnown else { return }
    let used = Set(
      routes.list.flatMap(\.targets).map(\.address.endpoint) + agencies.endpoints.map(\.name)
        + agencies.ruleEndpoints.map(\.name) + (signIn.map { [$0.endpoint] } ?? []))
    for endpoint in endpoints.list where endpoint.poll == nil && !endpoint.isNext && !used.contains(endpoint.name) {
      complaints.warning(.unusedEndpoint(endpoint.name), at: endpoint.place)
    }
  }

  /// What goes to a box without a receiver is fetched by nobody.
  private func checkInboxes(_ complaints: inout Complaints) {
    let boxes = Set(
      endpoints.list.filter { endpoint in connectors.contains { $0.name == endpoint.connector && $0.isInbox } }
        .map(\.name))
    for loaded in routes.list {
      let route = loaded.route
      let bare = route.to.compactMap { if case .endpoint(let address) = $0 { address } else { nil } }
      let named = bare + route.tap + route.enrich.map(\.call)
      for address in named where boxes.contains(address.endpoint) {
        let place = loaded.targets.first { $0.address == address }?.place ?? route.place
        complaints.error(.inboxWithoutReceiver(address.endpoint), at: place)
      }
      if let fallback = route.fallback, boxes.contains(fallback.endpoint), !bare.isEmpty {
        let place = loaded.targets.first { $0.address == fallback }?.place ?? route.place
        complaints.error(.inboxWithoutReceiver(fallback.endpoint), at: place)
      }
    }
  }

  /// A part that its own route takes again would be split without end, and nobody can be answered by many.
  private func checkSplits(_ complaints: inout Complaints) {
    for route in routes.list.map(\.route) {
      guard let split = route.split else { continue }
      if route.match.patterns[ExtensionName.service] != nil {
        complaints.error(.splitOfQuestions(route.name), at: route.place)
        continue
      }
      let types = route.match.patterns["type"] ?? [Pattern("*")]
      if types.contains(where: { $0.matches(split.type) }) {
        complaints.error(.splitIntoItself(route.name, type: split.type), at: route.place)
      }
    }
  }

  /// Only a plain read leaves before its record: who looked at whom is written before anybody is asked.
  private func checkRecords(_ complaints: inout Complaints) {
    for loaded in routes.list where loaded.route.record == .beforeReply {
      let route = loaded.route
      if route.match.patterns[ExtensionName.service] == nil || !route.enrich.isEmpty {
        complaints.error(.recordOfMoreThanReads(route.name), at: loaded.recordPlace)
      } else if route.keys.contains(where: \.personal) {
        complaints.error(.recordOfLookUps(route.name), at: loaded.recordPlace)
      }
    }
  }

  // MARK: - Rights

  private func checkRules(_ complaints: inout Complaints) {
    let codes = agencies.book.agencies.flatMap { [$0.code] + $0.aliases }.map(\.text)
    for rule in agencies.ruleCodes {
      let pattern = Pattern(rule.pattern)
      guard !codes.contains(where: pattern.matches) else { continue }
      if pattern.isLiteral {
        complaints.error(.unknownAgency(rule.pattern, near: nearest(to: rule.pattern, in: codes)), at: rule.place)
      } else if rule.pattern != "*" {
        complaints.warning(.patternFitsNobody(rule.pattern), at: rule.place)
      }
    }
  }

  // MARK: - Routes

  private func checkShadows(_ complaints: inout Complaints) {
    for shadow in RouteTable(routes.list.map(\.route)).neverMatching() {
      complaints.warning(
        .shadowedRoute(shadow.route.name, by: shadow.shadowedBy.name, at: shadow.shadowedBy.place),
        at: shadow.route.place)
    }
  }

  private func checkUnusedTexts(_ complaints: inout Complaints) {
    let used = Set(routes.list.flatMap(\.route.sources).map(\.name))
    // A route that could not be made may be the one that uses them.
    guard routes.list.count == routes.names.count else { return }
    for source in Array(texts.mappings.values) + Array(texts.schemas.values) where !used.contains(source.name) {
      complaints.warning(.unusedSource(source.name), at: source.place)
    }
  }

  private func checkPersonalData(_ complaints: inout Complaints) {
    for loaded in routes.list where loaded.route.why == nil {
      let route = loaded.route
      guard case .duration = route.keep else { continue }
      let schemas = route.validate.map(\.source.name)
      guard let personal = schemas.first(where: texts.personalSchemas.contains) else { continue }
      complaints.error(.personalDataWithoutWhy(route.name, schema: personal), at: loaded.keepPlace)
    }
  }
}
