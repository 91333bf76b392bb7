import Foundation
import HubKit
import HubTesting
import Synchronization
import Testing

/// A far side that answers as a test says and remembers what came.
final class FarRegister: ServedInterface {
  private let answer: @Sendable (ServedRequest, Int) -> ServedResponse
  private let kept = Mutex<[ServedRequest]>([])

  init(_ answer: @escaping @Sendable (_ request: ServedRequest, _ number: Int) -> ServedResponse) {
    self.answer = answer
  }

  var requests: [ServedRequest] { kept.withLock { $0 } }

  func respond(to request: ServedRequest) async -> ServedResponse {
    let number = kept.withLock {
      $0.append(request)
      return $0.count
    }
    return answer(request, number)
  }
}

func message(
  _ body: String, type: String = "application/json", subject: String? = "H24.12-2026", operation: String? = nil,
  asked: Bool = false
) -> Delivery {
  let clock = SystemClock()
  return Delivery(
    id: "0198c000-0000-7000-8000-000000000001.1", exchange: .make(at: clock.now), attempt: 1,
    envelope: Envelope(
      id: "m-1", source: "/agencies/H24.12", type: "vn.haiphong.grave", subject: subject, dataContentType: type,
      extensions: ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]),
    receiver: OrganisationCode("H24.12"), operation: operation, question: asked ? Question() : nil,
    body: .inline(Array(body.utf8)), bodies: MemoryBodyStore(), receivedAt: clock.now,
    deadline: clock.now + .seconds(20))
}

/// What a manifest's operations put on the wire, over real sockets.
@Suite(.timeLimit(.minutes(2))) struct ManifestDeliveryTests {
  private static func manifest(_ http: String, settings: String = "") -> String {
    """
    connector: far
    version: 1.0.0
    summary: A far system.
    settings:
      url: {kind: url, required: true, example: "https://far.example", help: Base URL.}
    \(settings)
    http:
      base: "{url}"
    \(http)
    """
  }

  private func outbound(
    _ texts: [String: String], _ server: LoopbackServer, _ settings: [String: SettingValue] = [:],
    clock: any HubClock = SystemClock()
  ) throws -> any OutboundAdapter {
    let settings = settings.merging(["url": .text(server.url + "/api/")], uniquingKeysWith: { first, _ in first })
    return try #require(try Hosted.parts(of: try Hosted.kind(texts), settings, clock: clock).outbound)
  }

  @Test func `Path, query, headers and body are filled from message, settings and jq`() async throws {
    let far = FarRegister { _, _ in .json(status: 201, #"{"id":"r-7","state":"taken"}"#) }
    let server = try LoopbackServer(far)
    let adapter = try outbound(
      [
        "manifest.yaml": Self.manifest(
          """
            headers: {Accept: application/json}
            operations:
              - name: register
                method: PUT
                path: /graves/{values.plot}/{envelope.subject}
                query: {unit: "{delivery.receiver}", note: "{envelope.dataschema}"}
                headers: {X-Region: "{region}"}
                values: {plot: .plot}
                map: [{jq: out.jq}]
                answer: {success: '.body.state == "taken"', reference: .body.id}
          """,
          settings: "  region: {kind: text, default: hải-phòng, example: x, help: x.}".replacing(
            "hải-phòng", with: "hp")),
        "out.jq": "{name: .name, at: $envelope.id}",
      ], server)
    let reply = try await adapter.deliver(message(#"{"plot":"Lô 5/12","name":"Nguyễn Văn Ấm"}"#))
    #expect(reply == Reply(code: "201", reference: "r-7"))
    let request = try #require(far.requests.first)
    #expect(request.method == "PUT")
    #expect(request.path == "/api/graves/Lô 5/12/H24.12-2026")
    #expect(request.query == [HeaderField("unit", "H24.12")])
    #expect(request.headers["X-Region"] == "hp")
    #expect(request.headers["Accept"] == "application/json")
    #expect(request.headers["Idempotency-Key"] == "\"0198c000-0000-7000-8000-000000000001.1\"")
    #expect(request.headers["traceparent"]?.hasPrefix("00-0af7") == true)
    #expect(String(decoding: request.body, as: UTF8.self) == #"{"name":"Nguyễn Văn Ấm","at":"m-1"}"#)
  }

  @Test func `A value that is missing is the message's fault and nothing is sent`() async throws {
    let far = FarRegister { _, _ in ServedResponse(status: 200) }
    let server = try LoopbackServer(far)
    let adapter = try outbound(
      ["manifest.yaml": Self.manifest("  operations: [{name: a, path: \"/a/{values.plot}\", values: {plot: .plot}}]")],
      server)
    for body in [#"{"plot":null}"#, "{}"] {
      let error = await outcome(adapter, message(body)).error
      #expect(error?.verdict == .reject)
      #expect(error?.code == "missing-value")
    }
    #expect(far.requests.isEmpty)
  }

  @Test func `The first rule that matches tells what an answer means`() async throws {
    let far = FarRegister { request, _ in
      let status = Int(request.headers["X-Status"] ?? "") ?? 200
      return .json(status: status, #"{"code":"E17","state":"known"}"#)
    }
    let server = try LoopbackServer(far)
    let manifest = Self.manifest(
      """
        operations:
          - name: a
            path: /a
            headers: {X-Status: "{envelope.subject}"}
        code: .body.code
        errors:
          - {status: 409, when: '.body.state == "known"', verdict: success, code: known}
          - {status: [418, 42x], verdict: retry}
          - {status: 500, when: '.body.code == "E99"', verdict: outage}
          - {status: 500, when: '.body.code == "E17"', verdict: reject, code: no-such-plot, reason: No such plot.}
      """)
    let adapter = try outbound(["manifest.yaml": manifest], server)
    #expect(try await adapter.deliver(message("{}", subject: "409")).code == "known")
    let cases: [(String, AdapterError.Verdict, String)] = [
      ("418", .retry(after: nil), "E17"), ("425", .retry(after: nil), "E17"), ("500", .reject, "no-such-plot"),
      ("503", .outage(after: nil), "E17"), ("400", .reject, "E17"), ("401", .outage(after: nil), "E17"),
    ]
    for (status, verdict, code) in cases {
      let error = await outcome(adapter, message("{}", subject: status)).error
      #expect(error?.verdict == verdict, "\(status)")
      #expect(error?.code == code, "\(status)")
    }
  }

  @Test func `A body in XML goes into SOAP and the answer's inside comes out`() async throws {
    let far = FarRegister { request, _ in
      let isFault = String(decoding: request.body, as: UTF8.self).contains("<khong/>")
      let inside =
        isFault
        ? "<s:Fault><faultcode>s:Client.NoSuchPlot</faultcode><faultstring>không có</faultstring></s:Fault>"
        : "<n:Answer xmlns:n=\"urn:far\"><n:plot>Lô 5</n:plot></n:Answer>"
      return ServedResponse(
        status: isFault ? 500 : 200, headers: [HeaderField("Content-Type", "text/xml")],
        body: Array(
          "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\(inside)</s:Body></s:Envelope>"
            .utf8
        ))
    }
    let server = try LoopbackServer(far)
    let manifest = Self.manifest(
      """
        operations:
          - name: find
            path: /find
            soap: {action: "urn:find"}
            answer: {map: [{jq: in.jq}], reference: '.body.Answer.plot[0]."#text"'}
            errors: [{fault: Client.NoSuchPlot, verdict: reject, code: no-such-plot}]
      """)
    let texts = ["manifest.yaml": manifest, "in.jq": "{plot: .Answer.plot[0].\"#text\"}"]
    let adapter = try outbound(texts, server)
    let asked = message("<?xml version=\"1.0\"?>\n<Find>Ấm</Find>", type: "application/xml", asked: true)
    let reply = try await adapter.deliver(asked)
    #expect(reply.reference == "Lô 5")
    #expect(reply.body == .inline(Array(#"{"plot":"Lô 5"}"#.utf8)))
    let request = try #require(far.requests.first)
    #expect(request.headers["SOAPAction"] == "\"urn:find\"")
    #expect(String(decoding: request.body, as: UTF8.self).contains("<soapenv:Body>\n<Find>Ấm</Find></soapenv:Body>"))
    let error = await outcome(adapter, message("<khong/>", type: "application/xml")).error
    #expect(error?.verdict == .reject)
    #expect(error?.code == "no-such-plot")
    #expect(await outcome(adapter, message("{}")).error?.code == "no-xml")
  }

  @Test func `A large body that nothing maps is streamed, byte for byte`() async throws {
    let far = FarRegister { _, _ in ServedResponse(status: 204) }
    let server = try LoopbackServer(far)
    let adapter = try outbound(["manifest.yaml": Self.manifest("  operations: [{name: a, path: /a}]")], server)
    struct Store: BodyStore {
      let bytes: [UInt8]
      func reader(of body: Body) throws(BodyError) -> any BodyReader { BytesReader(bytes) }
      func writer(mediaType: String, limit: Int) throws(BodyError) -> any BodyWriter { BytesWriter() }
    }
    let bytes = Array(repeating: Array("Ấ".utf8), count: 4 << 20).flatMap { $0 }
    var delivery = message("", type: "application/pdf")
    delivery.body = .stored(
      BodyReference(id: "b", digest: "", mediaType: "application/pdf", byteCount: bytes.count))
    delivery.bodies = Store(bytes: bytes)
    #expect(try await adapter.deliver(delivery).code == "204")
    #expect(far.requests.first?.body == bytes)
    #expect(far.requests.first?.headers["Content-Type"] == "application/pdf")
  }
}
