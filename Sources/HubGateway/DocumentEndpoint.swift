internal import FoundationEssentials
internal import HubKit
internal import Hummingbird

/// `GET /v1/documents?id=…`: the life of a document, for its sender and its receivers.
struct DocumentEndpoint: Sendable {
  let query: any ExchangeQuery

  /// All documents that the text may mean; a number and notation may be borne by several. Others learn nothing, not
  /// even that it exists; a receiver learns nothing of the other receivers.
  func get(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard let agency = context.agency else { throw Problem(.tokenMissing, "A token is needed.") }
    guard let text = request.uri.queryParameters.get("id"), !text.isEmpty, text.utf8.count <= 1024 else {
      throw Problem(.badRequest, "Ask by ?id= with a document id, a number and notation, or an exchange id.")
    }
    let all = try await query.documents(text).compactMap { visible($0, to: agency) }
    guard !all.isEmpty else {
      throw Problem(.notFound, "There is no document by that name that your agency sent or received.")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return jsonResponse(.ok, Array(try encoder.encode(["documents": all])))
  }

  private func visible(_ life: DocumentLife, to agency: OrganisationCode) -> DocumentLife? {
    if life.sender == agency || query.mayObserve(agency) { return life }
    guard let own = life.receivers.first(where: { $0.receiver == agency }) else { return nil }
    var part = life
    part.receivers = [own]
    part.changes = life.changes.filter { $0.receivers.contains(agency) }
    for index in part.changes.indices { part.changes[index].receivers = [agency] }
    let seen = Set(own.statuses.map(\.exchange) + part.changes.map(\.exchange))
    part.exchanges = life.exchanges.filter { seen.contains($0.id) }
    return part
  }
}
