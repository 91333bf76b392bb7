public import HubBus
internal import HubKit
public import HubRouting
internal import HubTransform

/// Where the bodies of exchanges hold personal data, as a configuration marks it.
public struct PersonalSchemas: Sendable {
  let formats: FormatCatalogue
  private let messages: [String: [PersonalPlace]]
  private let replies: [String: [PersonalPlace]]

  /// Takes formats and routes of the configuration in use.
  public init(formats: FormatCatalogue, routes: [Route]) {
    self.formats = formats
    messages = Dictionary(routes.map { ($0.name, $0.personalPlaces) }, uniquingKeysWith: { $0 + $1 })
    replies = Dictionary(
      routes.map { ($0.name, ($0.reply?.validate ?? $0.validate).flatMap(\.personalPlaces)) },
      uniquingKeysWith: { $0 + $1 })
  }

  /// In a message, by the schemas of its route. Where the route is not known, all that any route marks: rather too much
  /// than too little.
  func places(inMessageOf route: String?) -> [PersonalPlace] {
    route.flatMap { messages[$0] } ?? Array(Set(messages.values.joined()))
  }

  /// In what a far system answered, by the schemas to which the route holds answers.
  func places(inReplyTo name: CallName, of route: String?) -> [PersonalPlace] {
    guard name.role == nil else { return places(inMessageOf: route) }
    return route.flatMap { replies[$0] } ?? Array(Set(replies.values.joined()))
  }

  /// A body of an exchange, and what is marked in it.
  struct Part {
    var content: Content
    var places: [PersonalPlace]
  }

  /// The bodies of an exchange that came from outside.
  ///
  /// - Parameter route: the route that took it, where the exchange itself does not tell.
  func parts(of exchange: RecordedExchange, route: String? = nil) -> [Part] {
    let own = exchange.made.route ?? route
    let calls = exchange.calls.flatMap { call in
      let route = exchange.made.deliveries.first { $0.name == call.name }?.route ?? own
      return call.attempts.compactMap(\.reply).map {
        Part(content: $0, places: places(inReplyTo: call.name, of: route))
      }
    }
    return [Part(content: exchange.body, places: places(inMessageOf: own))] + calls
  }

  /// What stands at marked places of a body.
  func values(in part: Part, _ contents: Contents) throws -> [PersonalMarks.Value] {
    guard let bytes = contents[part.content] else { return [] }
    return try Masking.values(in: bytes, mediaType: part.content.type, places: part.places, formats: formats)
  }
}
