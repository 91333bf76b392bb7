public import HubRouting
public import HubTransform

/// One configuration's routes, ready to be used: the table and what each route does with a message.
public final class RouteBook: Sendable {
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

  /// Everything that a route has workers do, for whoever checks that it compiles.
  public static func plans(of route: Route) -> [TransformPlan] {
    let questions = route.enrich.map {
      TransformPlan(id: "\(route.name)#\($0.name)", map: [.jq(ShapeSource($0.with))])
    }
    return [TransformPlan(route)] + questions + (route.reply.map { [TransformPlan(reply: $0, of: route)] } ?? [])
      + (route.shadow.map { [TransformPlan(shadow: $0, of: route)] } ?? [])
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
      id: route.name, when: route.when.map(ShapeSource.init), validate: route.validate.map(ValidationStep.init),
      map: route.map.map(MapStep.init),
      keys: route.keys.map { KeyRule(name: $0.name, jq: ShapeSource($0.jq), personal: $0.personal) },
      split: route.split.map { ShapeSource($0.jq) })
  }

  /// What a route does with the answer to a question.
  init(reply: RouteReply, of route: Route) {
    self.init(
      id: "\(route.name)#reply", validate: reply.validate.map(ValidationStep.init),
      map: reply.map.map(MapStep.init))
  }

  /// How the answer of a shadow is changed before it is compared.
  init(shadow: RouteShadow, of route: Route) {
    self.init(id: "\(route.name)#shadow", map: shadow.map.map(MapStep.init))
  }

  /// Whether the route takes the message, what the message must keep to, and whom it is about: before anyone is asked.
  var checksOnly: TransformPlan { TransformPlan(id: "\(id)#checks", when: when, validate: validate, keys: keys) }
}

extension ValidationStep {
  init(_ step: RouteValidation) {
    switch step {
    case .jsonSchema(let text): self = .jsonSchema(ShapeSource(text))
    case .xsd(let text): self = .xsd(ShapeSource(text))
    }
  }
}

extension MapStep {
  init(_ step: RouteMapping) {
    switch step {
    case .jq(let text): self = .jq(ShapeSource(text))
    case .xslt(let text): self = .xslt(ShapeSource(text))
    }
  }
}

extension ShapeSource {
  init(_ source: TextSource) {
    self.init(name: source.name, text: source.text)
  }
}
