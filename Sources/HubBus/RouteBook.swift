public import HubRouting
public import HubTransform

/// One configuration's routes, ready to be used: the table and what each route does with a message.
public struct RouteBook: Sendable {
  /// Digest of the configuration that the routes come from: the journal pins each exchange to it.
  public let digest: String
  /// Which routes take an envelope.
  public let table: RouteTable
  private let plans: [String: TransformPlan]

  /// Takes the routes of a checked configuration.
  public init(digest: String, routes: [Route]) {
    self.digest = digest
    table = RouteTable(routes)
    plans = Dictionary(routes.map { ($0.name, TransformPlan($0)) }, uniquingKeysWith: { first, _ in first })
  }

  /// What a route does with a message, evaluated in one trip to a worker.
  public func plan(of route: Route) -> TransformPlan {
    plans[route.name] ?? TransformPlan(route)
  }
}

extension TransformPlan {
  /// What a route does with a message.
  public init(_ route: Route) {
    self.init(
      id: route.name,
      when: route.when.map(ShapeSource.init),
      validate: route.validate.map { step in
        switch step {
        case .jsonSchema(let text): .jsonSchema(ShapeSource(text))
        case .xsd(let text): .xsd(ShapeSource(text))
        }
      },
      map: route.map.map { step in
        switch step {
        case .jq(let text): .jq(ShapeSource(text))
        case .xslt(let text): .xslt(ShapeSource(text))
        }
      },
      keys: route.keys.map { KeyRule(name: $0.name, jq: ShapeSource($0.jq), personal: $0.personal) })
  }
}

extension ShapeSource {
  init(_ source: TextSource) {
    self.init(name: source.name, text: source.text)
  }
}
