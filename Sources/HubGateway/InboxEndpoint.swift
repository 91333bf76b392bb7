internal import FoundationEssentials
internal import HTTPTypes
internal import HubKit
internal import Hummingbird

/// `/v1/inbox`: for agencies that cannot be called. They fetch what is theirs, and say when they have it.
struct InboxEndpoint: Sendable {
  let inbox: any InboxPort
  let bodies: any BodyStore
  let settings: GatewaySettings

  static let limitDefault = 10
  static let limitMax = 100

  /// `GET /v1/inbox?limit=n`: leases the first messages. Small JSON and text come along, all else has a link.
  func list(_ request: Request, _ context: GatewayContext) async throws -> Response {
    let agency = try agency(context)
    // A HEAD would lease what nobody gets to see.
    guard request.method == .get else { throw Problem(.methodNotAllowed, "The inbox is fetched by GET.") }
    let text = request.uri.queryParameters.get("limit")
    guard let limit = text == nil ? Self.limitDefault : text.flatMap({ Int($0) }),
      (1...Self.limitMax).contains(limit)
    else {
      throw Problem(.badRequest, "limit is a number from 1 to \(Self.limitMax).")
    }
    let items = await inbox.fetch(for: agency, limit: limit)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
    return jsonResponse(.ok, Array(try encoder.encode(Listing(messages: items.map { Listing.Item($0) }))))
  }

  /// `GET /v1/inbox/{id}?lease=…`: the bytes, with the attributes in `ce-` fields (CloudEvents binary mode).
  func body(_ request: Request, _ context: GatewayContext) async throws -> Response {
    let agency = try agency(context)
    let lease = request.uri.queryParameters.get("lease") ?? ""
    guard let item = await inbox.held(try id(context), by: agency, lease: lease) else {
      throw Problem(.leaseEnded, "You do not hold this message under that lease. Fetch it again.")
    }
    var headers = HTTPFields()
    for (name, value) in item.envelope.attributes where name != "datacontenttype" {
      if let field = HTTPField.Name("ce-\(name)") { headers[field] = Self.encoded(value) }
    }
    headers[.contentType] = item.envelope.dataContentType ?? "application/octet-stream"
    return try await BodyResponse.make(.ok, headers, item.body, from: bodies)
  }

  /// `POST /v1/inbox/{id}/ack`
  func acknowledge(_ request: Request, _ context: GatewayContext) async throws -> Response {
    try await end(request, context, needsReason: false)
  }

  /// `POST /v1/inbox/{id}/nack`
  func refuse(_ request: Request, _ context: GatewayContext) async throws -> Response {
    try await end(request, context, needsReason: true)
  }

  private struct Ending: Decodable {
    var lease: String
    var reason: String?
  }

  private func end(_ request: Request, _ context: GatewayContext, needsReason: Bool) async throws -> Response {
    let agency = try agency(context)
    let intake = BodyIntake(bodies: bodies, bytesMax: 16 << 10)
    let json = try await intake.collect(request, context, max: 16 << 10)
    guard let form = try? JSONDecoder().decode(Ending.self, from: Data(json)) else {
      throw Problem(.badRequest, #"Send JSON: {"lease": "…"}, and for nack also "reason"."#)
    }
    let reason = (form.reason ?? "").trimming()
    guard !needsReason || !reason.isEmpty else { throw Problem(.badRequest, "A refusal needs a reason.") }
    let refusal = needsReason ? String(reason.prefix(500)) : nil
    switch await inbox.acknowledge(try id(context), by: agency, lease: form.lease, refusal: refusal) {
    case .done: return Response(status: .noContent)
    case .unknown:
      throw Problem(.notFound, "No such message waits in your inbox: it may have been acknowledged before.")
    case .leaseEnded:
      throw Problem(.leaseEnded, "The lease is over or another one: the message is offered again. Fetch it again.")
    }
  }

  private func agency(_ context: GatewayContext) throws -> OrganisationCode {
    guard let agency = context.agency else { throw Problem(.tokenMissing, "A token is needed.") }
    return agency
  }

  private func id(_ context: GatewayContext) throws -> String {
    guard let id = context.parameters.get("id") else { throw Problem(.notFound, "There is no such message.") }
    return id
  }

  /// Percent-encodes what a header field cannot carry (CloudEvents 1.0.2 HTTP binding, section 3.1.3.2).
  static func encoded(_ value: String) -> String {
    var text = ""
    for byte in value.utf8 {
      if (0x21...0x7E).contains(byte), byte != UInt8(ascii: "%"), byte != UInt8(ascii: "\"") {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 16, uppercase: true)
        text += "%" + (digits.count == 1 ? "0" : "") + digits
      }
    }
    return text
  }
}

/// What `GET /v1/inbox` answers.
private struct Listing: Encodable {
  struct Item: Encodable {
    var id, lease: String
    var leaseUntil, receivedAt: Timestamp
    var attributes: [String: String]
    var bytes: Int
    /// The content, where it is short text.
    var data: String?
    /// Where the content is.
    var href: String

    init(_ item: InboxItem) {
      id = item.id
      lease = item.lease
      leaseUntil = item.leaseUntil
      receivedAt = item.receivedAt
      attributes = Dictionary(item.envelope.attributes.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
      bytes = item.body.byteCount
      if case .inline(let bytes) = item.body { data = String(validating: bytes, as: UTF8.self) }
      href = "/v1/inbox/\(item.id)?lease=\(item.lease)"
    }
  }

  var messages: [Item]
}

extension String {
  fileprivate func trimming() -> String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
