internal import AxisWire
internal import FoundationEssentials
public import HubKit

/// Speaks the axis' interface: parameters in header fields, a signature over them, edXML as the raw body of a send,
/// JSON answers. It keeps no state, so it may be shared.
public struct AxisClient: Sendable {
  /// What a message is on the axis.
  public enum MessageType: String, Sendable, CaseIterable {
    /// A document.
    case edoc
    /// A status message.
    case status
  }

  /// Name of our system on the axis.
  public let systemId: String
  private let url: String
  private let hashStyle: AxisDigest.Style
  private let signing: AxisSigning
  private let transport: any Transport
  private let clock: any HubClock

  /// Creates a client.
  ///
  /// - Throws: ``AdapterError`` when the secret was not resolved.
  public init(
    settings: EDocumentSettings, transport: any Transport, clock: any HubClock
  ) throws(AdapterError) {
    guard settings.secret.reveal() != nil else {
      throw AdapterError(
        .outage(after: nil), code: "secret-missing", reason: "the key \(settings.secret.reference) cannot be read")
    }
    systemId = settings.systemId
    url = settings.url
    hashStyle = settings.hashStyle
    signing = AxisSigning(systemId: settings.systemId, secret: settings.secret)
    self.transport = transport
    self.clock = clock
  }

  // MARK: - Reading

  /// Items that wait for us, oldest first; they stay until they are acknowledged.
  public func list(_ type: MessageType, pageSize: Int) async throws(AdapterError) -> [AxisItem] {
    let response = try await call(
      "POST", "getReceivedEdocList",
      [
        ("servicetype", "eDoc"), ("messagetype", type.rawValue), ("status", "initial"), ("pageIndex", "1"),
        ("pageSize", String(pageSize)),
      ], as: .reading)
    return try data([AxisItemReply].self, of: response).map { item in
      AxisItem(
        docId: item.docId.text, messageType: item.messageType ?? type.rawValue, from: item.from ?? "",
        to: item.to ?? "", createdTime: item.created)
    }
  }

  /// An item, decoded into a store while it arrives.
  public func fetch(_ docId: String, into bodies: any BodyStore) async throws(AdapterError) -> AxisItemBody {
    let writer: any BodyWriter
    do throws(BodyError) {
      writer = try bodies.writer(mediaType: "application/xml", limit: Self.itemBytesMax)
    } catch {
      throw OffPool.unkept(error)
    }
    let sink = AxisItemSink(into: writer)
    do throws(AdapterError) {
      let response = try await call(
        "POST", "getEdoc", [("servicetype", "eDoc"), ("docId", docId)], sink: sink, as: .reading)
      var whole = response
      whole.body = sink.envelope
      try envelope(of: whole, call: .reading)
      return try await OffPool.run { () throws(BodyError) in
        AxisItemBody(body: try writer.finish(), characterCount: sink.characterCount, isWhole: sink.isWhole)
      }
    } catch {
      writer.discard()
      throw error
    }
  }

  /// Largest item; the endpoint's limit for answers holds before it.
  private static let itemBytesMax = 1 << 30

  /// How many documents wait. Changes nothing, so it serves as a probe.
  public func count() async throws(AdapterError) -> Int {
    let response = try await call("GET", "countReceiveEdoc", [("servicetype", "eDoc")], as: .reading)
    return try envelope(of: response, call: .reading).count.flatMap { Int($0.text) } ?? 0
  }

  /// All agencies with their old codes (Decision 20/2020).
  public func agencies() async throws(AdapterError) -> [AxisAgency] {
    let response = try await call("POST", "getAgenciesListQD20", [], as: .reading)
    return try data([AxisAgencyReply].self, of: response).map {
      AxisAgency(code: $0.code, name: $0.name ?? "", code102: $0.code102)
    }
  }

  /// Codes of agencies that the axis has taken out of its list.
  public func deletedAgencies() async throws(AdapterError) -> Set<String> {
    let response = try await call("POST", "getSynchronizeUnit", [], as: .reading)
    return Set(try data([AxisAgencyReply].self, of: response).filter { $0.deleted?.value == true }.map(\.code))
  }

  // MARK: - Writing

  /// Says what became of an item; may be repeated.
  public func acknowledge(_ docId: String, done: Bool, reason: String?) async throws(AdapterError) {
    var parameters = [("docId", docId), ("status", done ? "done" : "fail")]
    if let reason { parameters.append(("statusDesc", Self.percentEncoded(reason, limit: 400))) }
    let response = try await call("POST", "updateStatus", parameters, as: .reading)
    _ = try envelope(of: response, call: .reading)
  }

  /// Sends one edXML file.
  ///
  /// - Parameters:
  ///   - file: opens the file from its front; called twice, for the digest and for the upload.
  ///   - byteCount: its length.
  ///   - deadline: the call is over by then; when the digest alone took longer, nothing is sent.
  /// - Returns: the axis' name for it.
  public func send(
    _ type: MessageType, from: String, to: [String], byteCount: Int, deadline: Timestamp? = nil,
    file: @escaping @Sendable () throws(BodyError) -> any BodyReader
  ) async throws(AdapterError) -> String {
    let style = hashStyle
    let hash = try await OffPool.run { () throws(BodyError) -> String in
      AxisDigest.hex(try AxisDigest.file(file()), style: style)
    }
    let reader = try await OffPool.run(file)
    let left = deadline.map { $0 - clock.now }
    if let left, left <= .zero {
      throw AdapterError(
        .retry(after: nil), code: "deadline-passed", reason: "the time of the attempt was over before it was sent")
    }
    let receivers = "[" + to.map(AxisSigning.quoted).joined(separator: ",") + "]"
    let response = try await call(
      "POST", "sendEdoc",
      [
        ("servicetype", "eDoc"), ("messagetype", type.rawValue), ("from", from), ("to", receivers), ("hash-file", hash),
      ], body: .stream(SuffixedReader(reader, suffix: [0x0D, 0x0A]), byteCount: byteCount + 2),
      mediaType: "application/octet-stream", timeout: left, as: .sending)
    guard let docId = try envelope(of: response, call: .sending).docId?.text, !docId.isEmpty else {
      throw AxisVerdict.unreadable("without a DocId", call: .sending)
    }
    return docId
  }

  /// Adds an agency to our system's account.
  public func registerAgency(_ agency: AxisAgency) async throws(AdapterError) {
    let code = AxisSigning.quoted(agency.code)
    let json =
      "{\"id\":\(code),\"pcode\":\"\",\"code\":\(code),\"name\":\(AxisSigning.quoted(agency.name)),"
      + "\"mail\":\"\",\"mobile\":\"\",\"fax\":\"\"}"
    let response = try await call(
      "POST", "registerAgency", [], body: .bytes(Array(json.utf8)), mediaType: "application/json", as: .reading)
    _ = try envelope(of: response, call: .reading)
  }

  // MARK: - Calls

  private func call(
    _ method: String, _ operation: String, _ parameters: [(String, String)], body: OutboundBody? = nil,
    mediaType: String? = nil, timeout: Duration? = nil, sink: (any BodyWriter)? = nil, as kind: AxisVerdict.Call
  ) async throws(AdapterError) -> OutboundResponse {
    var headers = signing.headers(parameters.map { (key: $0.0, value: $0.1) }, at: clock.now)
    if let mediaType { headers.append(HeaderField("Content-Type", mediaType)) }
    var request = OutboundRequest(
      method: method, url: "\(url)/\(operation)", headers: headers,
      body: body ?? (method == "POST" ? .bytes([]) : nil), timeout: timeout)
    request.sink = sink
    let response = try await transport.send(request)
    let retryAfter = response.retryAfter(now: clock.now)
    if let error = AxisVerdict.of(status: response.status, retryAfter: retryAfter, call: kind) { throw error }
    return response
  }

  @discardableResult
  private func envelope(of response: OutboundResponse, call: AxisVerdict.Call) throws(AdapterError) -> AxisEnvelope {
    guard !response.body.isEmpty else { throw AxisVerdict.unreadable("empty", call: call) }
    guard let envelope = try? JSONDecoder().decode(AxisEnvelope.self, from: Data(response.body)) else {
      throw AxisVerdict.unreadable("unreadable", call: call)
    }
    guard !envelope.isGood else { return envelope }
    guard let code = envelope.errorCode?.text else { throw AxisVerdict.unreadable("unreadable", call: call) }
    throw AxisVerdict.of(errorCode: code, description: envelope.errorDesc, call: call)
  }

  private func data<Value: Decodable>(
    _ type: Value.Type, of response: OutboundResponse
  ) throws(AdapterError) -> Value {
    try envelope(of: response, call: .reading)
    guard let data = try? JSONDecoder().decode(AxisData<Value>.self, from: Data(response.body)) else {
      throw AxisVerdict.unreadable("unreadable", call: .reading)
    }
    return data.data
  }

  /// Header fields carry ASCII only.
  static func percentEncoded(_ text: String, limit: Int) -> String {
    var out = ""
    for byte in text.utf8 {
      let plain = byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "%")
      let next = plain ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      guard out.count + next.count <= limit else { break }
      out += next
    }
    return out
  }
}

/// An item as it was fetched.
public struct AxisItemBody: Sendable {
  /// What could be decoded.
  public var body: Body
  /// How long its base64 text was.
  public var characterCount: Int
  /// Whether that was whole base64.
  public var isWhole: Bool
}
