public import HubKit

/// All routes in order, arranged so that finding the few that concern an envelope does not depend on how many there
/// are.
///
/// Exactly one route takes a message: the first candidate whose ``Route/when`` holds.
public struct RouteTable: Sendable {
  /// The routes, in order.
  public let routes: [Route]
  /// For each type that is written out, the routes that it does not exclude.
  private let byType: [String: Choice]
  private let prefixes: Prefixes
  private let byName: [String: Int]

  /// Arranges routes; their order is the order in which they are tried.
  public init(_ routes: [Route]) {
    self.routes = routes
    var byType: [String: [Int]] = [:]
    var byTypePrefix: [[UInt8]: [Int]] = [:]
    for (index, route) in routes.enumerated() {
      for pattern in Set(route.match.patterns["type"] ?? [Pattern("*")]) {
        if pattern.isLiteral {
          byType[pattern.text, default: []].append(index)
        } else {
          byTypePrefix[pattern.literalPrefix, default: []].append(index)
        }
      }
    }
    prefixes = Prefixes(byTypePrefix)
    self.byType = Dictionary(
      uniqueKeysWithValues: byType.map { [prefixes] type, places in
        (type, Choice(routes, places + prefixes.places(of: type), for: type))
      })
    byName = Dictionary(routes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The routes whose match fits, in order. The first whose `when` holds takes the message; none: nobody does. A
  /// message that calls a service is taken only by a route that names the service: the right to call it is another one.
  public func candidates(for envelope: Envelope) -> [Route] {
    let isQuestion = envelope.extensions[ExtensionName.service] != nil
    let choice = byType[envelope.type] ?? Choice(routes, prefixes.places(of: envelope.type), for: envelope.type)
    if choice.looksAtTypeOnly { return isQuestion ? [] : choice.routes }
    return choice.routes.filter { route in
      isQuestion == (route.match.patterns[ExtensionName.service] != nil) && route.match.takes(envelope)
    }
  }

  /// The route of that name.
  public subscript(name: String) -> Route? {
    byName[name].map { routes[$0] }
  }

  /// Routes that can never take a message, because an earlier one without `when` takes all that they would.
  public func neverMatching() -> [ShadowedRoute] {
    routes.indices.compactMap { index in
      let route = routes[index]
      let earlier = routes[..<index].first { $0.when == nil && $0.match.covers(route.match) }
      return earlier.map { ShadowedRoute(route: route, shadowedBy: $0) }
    }
  }
}

/// A route that an earlier one leaves nothing to.
public struct ShadowedRoute: Sendable, Hashable {
  /// The route that never takes a message.
  public var route: Route
  /// The earlier one that takes them all.
  public var shadowedBy: Route
}

/// The routes that a type's name allows, in order.
private struct Choice: Sendable {
  let routes: [Route]
  /// True when the type decides all: each message asks several times, and most types have one route.
  let looksAtTypeOnly: Bool

  /// Takes those among `routes`, at some places in any order, whose patterns fit the type.
  init(_ routes: [Route], _ places: [Int], for type: String) {
    self.routes = Set(places).sorted().map { routes[$0] }.filter { route in
      route.match.patterns["type"]?.contains { $0.matches(type) } ?? true
    }
    looksAtTypeOnly = self.routes.allSatisfy { $0.match.patterns.keys.allSatisfy { $0 == "type" } }
  }
}

/// Places of routes by what stands before the `*` of a type; by an empty text for routes that name no type.
private struct Prefixes: Sendable {
  private let places: [[UInt8]: [Int]]
  /// The lengths that prefixes have: few, whatever the number of routes.
  private let lengths: Set<Int>

  init(_ places: [[UInt8]: [Int]]) {
    self.places = places
    lengths = Set(places.keys.map(\.count))
  }

  func places(of type: String) -> [Int] {
    let type = Array(type.utf8)
    return lengths.filter { $0 <= type.count }.flatMap { places[Array(type[..<$0])] ?? [] }
  }
}
