public import HubKit

/// All routes in order, arranged so that finding the few that concern an envelope does not depend on how many there
/// are.
///
/// Exactly one route takes a message: the first candidate whose ``Route/when`` holds.
public struct RouteTable: Sendable {
  /// The routes, in order.
  public let routes: [Route]
  /// Places in ``routes`` by a type that is written out.
  private let byType: [String: [Int]]
  /// Places in ``routes`` by what stands before the `*` of a type; empty for routes that name no type.
  private let byTypePrefix: [[UInt8]: [Int]]
  /// The lengths that prefixes have, rising: few, whatever the number of routes.
  private let prefixLengths: [Int]
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
    self.byType = byType
    self.byTypePrefix = byTypePrefix
    prefixLengths = Set(byTypePrefix.keys.map(\.count)).sorted()
    byName = Dictionary(routes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The routes whose match fits, in order. The first whose `when` holds takes the message; none: nobody does. A
  /// message that calls a service is taken only by a route that names the service: the right to call it is another one.
  public func candidates(for envelope: Envelope) -> [Route] {
    var found = byType[envelope.type] ?? []
    if !prefixLengths.isEmpty {
      let type = Array(envelope.type.utf8)
      for length in prefixLengths where length <= type.count {
        found += byTypePrefix[Array(type[..<length])] ?? []
      }
    }
    let isQuestion = envelope.extensions[ExtensionName.service] != nil
    var last = -1
    return found.sorted().compactMap { index in
      defer { last = index }
      let match = routes[index].match
      guard index != last, isQuestion == (match.patterns[ExtensionName.service] != nil) else { return nil }
      return match.takes(envelope) ? routes[index] : nil
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
