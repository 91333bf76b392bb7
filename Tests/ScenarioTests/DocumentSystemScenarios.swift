import AxisWire
import EDocument
import EdXMLWire
import Foundation
import HubKit
import HubTransport
import Testing

/// A document system that was built for the national axis talks to the hub: the same client, another address.
extension Scenarios {
  @Suite(.serialized)
  struct DocumentSystemScenarios {
    @Test func `what is sent to a department waits, is fetched, confirmed, and answered, over every kill`() async throws
    {
      try await City.running { city in
        let system = try DocumentSystem(of: city)
        let original = Samples.document(id: "vxp-1", from: "H24.2", to: ["H24.8", "H24.107"])
        let id = try await city.handIn(original, as: "H24.2")
        try await waitUntil("both wait") { try await system.client.count() == 2 }
        var items = try await system.client.list(.edoc, pageSize: 10)
        #expect(items.map(\.to).sorted() == ["H24.107", "H24.8"])
        #expect(items.map(\.from) == ["H24.2", "H24.2"])
        #expect(
          try await system.client.list(.edoc, pageSize: 10).map(\.docId) == items.map(\.docId), "not confirmed yet")
        try await city.kill9()
        items = try await system.client.list(.edoc, pageSize: 10)
        let mine = try #require(items.first { $0.to == "H24.8" })
        let text = try await system.text(of: mine.docId)
        #expect(Samples.withoutTraceHeaders(text) == Samples.withoutTraceHeaders(original))
        let message = try EdXMLReader.inspect(BytesReader(Array(text.utf8)))
        #expect(message.traceHeaders.map(\.organId) == ["H24.2", "H24"])
        try await city.kill9()
        try await system.client.acknowledge(mine.docId, done: true, reason: nil)
        #expect(try await system.client.list(.edoc, pageSize: 10).map(\.to) == ["H24.107"])
        await #expect(throws: AdapterError.self) {
          try await system.client.acknowledge(mine.docId, done: true, reason: nil)
        }
        try await city.kill9()
        for code in ["01", "03"] {
          try await system.send(
            .status, Samples.status(of: "vxp-1", from: "H24.8", to: "H24.2", code: code), from: "H24.8", to: ["H24.2"])
        }
        try await waitUntil("both statuses are back at the sender") {
          try await city.received(by: "H24.2", mock: city.systemsMock).count == 2
        }
        let other = try #require(try await system.client.list(.edoc, pageSize: 10).first)
        try await system.client.acknowledge(other.docId, done: false, reason: "Không thuộc thẩm quyền")
        let view = try await city.view(id)
        #expect(view.state == .partly)
        #expect(view.deliveries.map(\.state) == [.delivered, .refused])
        #expect(view.deliveries.last?.reason?.contains("Không thuộc thẩm quyền") == true)
      }
    }

    @Test func `a document of a department goes to the city and over the axis, once however often it is sent`()
      async throws
    {
      try await City.running { city in
        let system = try DocumentSystem(of: city)
        let text = Samples.document(id: "vxp-2", from: "H24.8", to: ["H24.101", "G22", "000.00.00.G22"])
        let receivers = ["H24.101", "G22", "000.00.00.G22", "H24.101"]
        let first = try await system.send(.edoc, text, from: "H24.8", to: receivers)
        #expect(try await system.send(.edoc, text, from: "H24.8", to: receivers) == first)
        try await city.kill9()
        #expect(try await system.send(.edoc, text, from: "H24.8", to: receivers) == first)
        try await waitUntil("it is delivered") { try await city.view(first).state == .delivered }
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).count == 1)
        let far = try await city.received(by: "G22", mock: city.axisMock)
        #expect(far.count == 1)
        #expect(far.first?.hasSuffix("\r\n") == false, "the kit's line end is no part of the file")
        let other = text.replacing("Về việc thử", with: "Về việc khác")
        let error = await #expect(throws: AdapterError.self) {
          try await system.send(.edoc, other, from: "H24.8", to: receivers)
        }
        #expect(error?.code == "axis-21", "\(String(describing: error))")
        struct Row: Decodable { var senderDocId, toCode, receiveStatus, notation: String }
        let rows: [Row] = try await system.rows("getSentEdocList", ["messagetype": "edoc"])
        #expect(rows.map(\.toCode) == ["H24.101", "G22"])
        #expect(
          rows.allSatisfy { $0.senderDocId == first && $0.receiveStatus == "done" && $0.notation == "12/THU-vxp-2" })
      }
    }

    @Test func `what must not pass is refused in the interface's own words, and others go on`() async throws {
      try await City.running { city in
        let system = try DocumentSystem(of: city)
        let good = Samples.document(id: "vxp-3", from: "H24.8", to: ["H24.101"])
        func code(_ text: String, from: String = "H24.8", to: [String] = ["H24.101"], hash: String? = nil) async
          -> String?
        {
          do {
            _ = try await system.send(.edoc, text, from: from, to: to, hash: hash)
            return nil
          } catch {
            return (error as? AdapterError)?.code
          }
        }
        #expect(await code(good, from: "H24.2") == "axis-19", "another system's agency")
        #expect(await code(good, to: ["H99"]) == "axis-18")
        #expect(await code(good, to: ["H24.8"]) == "axis-18", "itself")
        #expect(await code(good, to: ["H24.102"]) == "axis-22", "the content names another receiver")
        #expect(await code(good, hash: "00ff") == "axis-10")
        #expect(await code("<edXML>") == "axis-22")
        #expect(await code("{}") == "axis-22")
        #expect(await code(Samples.document(id: "vxp-4", from: "H24.8", to: ["H24.101"], mark: "[MẬT] ")) == "axis-21")
        let stranger = try DocumentSystem(of: city, secret: "khoá khác")
        await #expect(throws: AdapterError.self) { try await stranger.client.count() }
        let late = try DocumentSystem(of: city, clock: LateClock())
        let error = await #expect(throws: AdapterError.self) { try await late.client.count() }
        #expect(error?.code == "axis-15", "\(String(describing: error))")
        await #expect(throws: AdapterError.self) {
          try await system.client.registerAgency(AxisAgency(code: "H24.2", name: "Sở Nội vụ"))
        }
        try await system.client.registerAgency(AxisAgency(code: "H24.8", name: "Sở Xây dựng"))
        #expect(try await system.client.agencies().first { $0.code == "H24.8" }?.code102 == "000.00.08.H24")
        #expect(await code(good) == nil)
        try await waitUntil("the good one arrives") {
          try await city.received(by: "H24.101", mock: city.systemsMock).count == 1
        }
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).allSatisfy { $0.contains("vxp-3") })
      }
    }
  }
}

/// A client of the axis that was given the hub's address.
struct DocumentSystem {
  let client: AxisClient
  private let signing: AxisSigning
  private let city: City

  init(of city: City, secret: String? = nil, clock: any HubClock = SystemClock()) throws {
    let key =
      try secret
      ?? String(decoding: Data(contentsOf: URL(filePath: "\(city.home)/Data/qlvb.key")), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    let own = Secret(reference: "test", value: key)
    let values = SettingValues(
      [
        "url": .text("\(city.gateway)/vxp"), "systemId": .text("vxp.qlvb.haiphong"), "secret": .secret(own),
        "organisation": .text("H24.8"),
      ], declared: EDocumentConnector.descriptor.settings)
    var options = TransportOptions(allow: [AllowedAddress("127.0.0.0/8")].compactMap { $0 })
    options.responseBytesMax = 64 << 20
    client = try AxisClient(
      settings: try EDocumentSettings(values),
      transport: city.loop.transport(for: "document-system", options, recorder: nil), clock: clock)
    signing = AxisSigning(systemId: "vxp.qlvb.haiphong", secret: own)
    self.city = city
  }

  /// Sends a file; `hash` takes the place of its digest.
  @discardableResult
  func send(
    _ type: AxisClient.MessageType, _ text: String, from: String, to: [String], hash: String? = nil
  ) async throws -> String {
    let bytes = Array(text.utf8)
    guard let hash else {
      return try await client.send(type, from: from, to: to, byteCount: bytes.count) { () throws(BodyError) in
        BytesReader(bytes)
      }
    }
    let receivers = "[\(to.map(AxisSigning.quoted).joined(separator: ","))]"
    let headers = signing.headers(
      [("messagetype", type.rawValue), ("from", from), ("to", receivers), ("hash-file", hash)], at: SystemClock().now)
    let answer = try await city.send("POST", "\(city.gateway)/vxp/sendEdoc", headers: headers, body: bytes)
    struct Reply: Decodable {
      var code: String
      var docId: String?

      enum CodingKeys: String, CodingKey {
        case code = "ErrorCode"
        case docId = "DocId"
      }
    }
    let reply = try JSONDecoder().decode(Reply.self, from: Data(answer.body))
    guard reply.code == "0" else {
      throw AdapterError(.reject, code: "axis-\(reply.code)", reason: "refused")
    }
    return reply.docId ?? ""
  }

  /// The text of an item.
  func text(of docId: String) async throws -> String {
    guard case .inline(let bytes) = try await client.fetch(docId, into: MemoryBodyStore()).body else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The rows of a list.
  func rows<Row: Decodable>(_ operation: String, _ parameters: [String: String]) async throws -> [Row] {
    let headers = signing.headers(parameters.map { (key: $0.key, value: $0.value) }, at: SystemClock().now)
    let answer = try await city.send("POST", "\(city.gateway)/vxp/\(operation)", headers: headers, body: [])
    return try JSONDecoder().decode(AxisRows<Row>.self, from: Data(answer.body)).data
  }
}

private struct AxisRows<Row: Decodable>: Decodable {
  var data: [Row]
}

/// Half a day behind.
private struct LateClock: HubClock {
  var now: Timestamp { SystemClock().now + .seconds(-43_200) }
  var elapsed: Duration { SystemClock().elapsed }

  func sleep(until time: Timestamp) async throws { try await SystemClock().sleep(until: time) }
}

extension City {
  /// Ends the hub as a power cut would, and starts it again.
  func kill9() async throws {
    try await stopHub(SIGKILL)
    try await startHub()
  }

  /// Hands a document in over `/v1/exchanges`, and gives the exchange's id.
  func handIn(_ text: String, as agency: String) async throws -> String {
    let file = "\(home)/\(UUID().uuidString).edxml"
    try Data(text.utf8).write(to: URL(filePath: file))
    let run = try await lgsp("send", file, "--as", agency)
    guard run.status == 0 else { throw CityError(run.error) }
    return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// The whole life of a document over three agencies: one with a document system of its own, one that is called, one
/// beyond the national axis; the hub is killed between any two steps.
extension Scenarios {
  @Suite(.serialized)
  struct DocumentLifeScenarios {
    private func life(_ city: City, _ id: String) async throws -> DocumentLife {
      let run = try await city.lgsp("document", id, "--json")
      guard run.status == 0 else { throw CityError(run.error) }
      return try JSONDecoder().decode(DocumentLife.self, from: Data(run.output.utf8))
    }

    private func state(_ city: City, _ id: String, _ receiver: String) async throws -> DocumentLife.State? {
      try await life(city, id).receivers.first { $0.receiver.text == receiver }?.state
    }

    @Test func `new, statuses, recall before and after acceptance, and every state is told`() async throws {
      try await City.running { city in
        _ = try await city.send(
          "POST", "\(city.axisMock)/_mock/offices", headers: [HeaderField("Content-Type", "application/json")],
          body: Array(#"{"codes":["G22"],"statuses":["01","03"]}"#.utf8))
        let system = try DocumentSystem(of: city)
        let sent = Samples.document(id: "doi-1", from: "H24.2", to: ["H24.8", "H24.107", "G22"])
        let exchange = try await city.handIn(sent, as: "H24.2")
        try await city.kill9()
        try await waitUntil("the axis has answered") { try await state(city, "doi-1", "G22") == .accepted }
        #expect(try await state(city, "doi-1", "H24.8") == .sent)
        let waiting = try await system.client.list(.edoc, pageSize: 10)
        try await city.kill9()
        for item in waiting {
          _ = try await system.text(of: item.docId)
          try await system.client.acknowledge(item.docId, done: true, reason: nil)
          try await city.kill9()
        }
        #expect(try await state(city, exchange, "H24.8") == .delivered, "found by the exchange")
        for (index, code) in ["01", "03", "01"].enumerated() {
          let status = Samples.status(of: "doi-1", from: "H24.8", to: "H24.2", code: code)
          try await system.send(
            .status, status + String(repeating: " ", count: index), from: "H24.8", to: ["H24.2"])
        }
        #expect(try await state(city, "12/THU-doi-1", "H24.8") == .accepted, "found by number and notation")

        // Taken back from the ward before it accepted; recalled from the department after it had.
        let back = Samples.status(of: "doi-1", from: "H24.2", to: "H24.107", code: "13")
        _ = try await city.handIn(back, as: "H24.2")
        try await waitUntil("the ward's system is told") {
          try await system.client.list(.status, pageSize: 10).contains { $0.to == "H24.107" }
        }
        #expect(try await state(city, "doi-1", "H24.107") == .takenBack)
        let recall = Samples.document(id: "doi-2", from: "H24.2", to: ["H24.8"])
          .replacing(
            "<edXML:BussinessDocType>0<", with: "<edXML:DocumentId>doi-1</edXML:DocumentId><edXML:BussinessDocType>1<")
        _ = try await city.handIn(recall, as: "H24.2")
        try await city.kill9()
        try await waitUntil("the recall waits") { try await system.client.list(.edoc, pageSize: 10).count == 1 }
        #expect(try await state(city, "doi-1", "H24.8") == .accepted)
        try await system.send(
          .status, Samples.status(of: "doi-2", from: "H24.8", to: "H24.2", code: "15"), from: "H24.8", to: ["H24.2"])
        #expect(try await state(city, "doi-1", "H24.8") == .revoked)

        let whole = try await life(city, "doi-1")
        #expect(whole.sender?.text == "H24.2")
        #expect(whole.receivers.map(\.receiver.text) == ["H24.8", "H24.107", "G22"])
        #expect(whole.changes.map(\.kind) == ["revoke"])
        #expect(whole.exchanges.first?.id.text == exchange)
        #expect(whole.receivers[0].statuses.map(\.code) == ["01", "03", "01", "15"])
        #expect(whole.receivers[2].statuses.map(\.code) == ["01", "03"], "as they came, also within a millisecond")
        #expect(whole.receivers[0].statuses.map(\.counted) == [true, true, false, true])
        try await seenByThoseWhoTookPart(city)
      }
    }

    private func seenByThoseWhoTookPart(_ city: City) async throws {
      struct Answer: Decodable { var documents: [DocumentLife] }
      func ask(_ agency: String) async throws -> OutboundResponse {
        try await city.get("\(city.gateway)/v1/documents?id=doi-1", token: try await city.token(of: agency))
      }
      let sender = try JSONDecoder().decode(Answer.self, from: Data(try await ask("H24.2").body))
      #expect(sender.documents.first?.receivers.count == 3)
      let receiver = try JSONDecoder().decode(Answer.self, from: Data(try await ask("H24.107").body))
      #expect(receiver.documents.first?.receivers.map(\.receiver.text) == ["H24.107"])
      #expect(try await ask("H24.3").status == 404)
      let run = try await city.lgsp("document", "khong-co")
      #expect(run.status == 5)
    }
  }
}

/// Who is who: agencies that are no more, and the axis' own list.
extension Scenarios {
  @Suite(.serialized)
  struct DirectoryScenarios {
    @Test func `a receiver that is no more is refused with its successor, in every door's words`() async throws {
      try await City.running { city in
        for code in ["H24.90", "000.00.90.H23"] {
          let file = "\(city.home)/\(code).edxml"
          try Data(Samples.document(id: "cu-\(code)", from: "H24.2", to: [code]).utf8).write(to: URL(filePath: file))
          let run = try await city.lgsp("send", file, "--as", "H24.2")
          #expect(run.status == 3)
          #expect(run.error.contains("H24.104 (Ủy ban nhân dân xã Thanh Hà)"), "\(run.error)")
          #expect(run.error.contains("2025-07-01"))
        }
        let system = try DocumentSystem(of: city)
        let error = await #expect(throws: AdapterError.self) {
          let text = Samples.document(id: "cu-3", from: "H24.8", to: ["H24.90"])
          try await system.send(.edoc, text, from: "H24.8", to: ["H24.90"])
        }
        #expect(error?.code == "axis-18")
        #expect(error?.cause?.contains("H24.104") == true, "\(error?.cause ?? "")")
      }
    }

    @Test func `the axis' list is held against ours, written on demand, and followed at once`() async throws {
      try await City.running { city in
        _ = try await city.send(
          "POST", "\(city.axisMock)/_mock/systems", headers: [HeaderField("Content-Type", "application/json")],
          body: Array(
            #"{"systemId":"vxp.bo","secret":"s","agencies":[{"code":"G09","name":"Bộ Nội vụ"},{"code":"G22","name":"VPCP mới"}]}"#
              .utf8))
        let first = try await city.lgsp("agency", "sync", "axis")
        #expect(first.status == 6, "\(first.error)")
        #expect(first.output.contains("+  G09 Bộ Nội vụ"))
        #expect(first.output.contains("→ VPCP mới"))
        let file = "\(city.home)/moi.edxml"
        try Data(Samples.document(id: "moi-1", from: "H24.2", to: ["G09"]).utf8).write(to: URL(filePath: file))
        #expect(try await city.lgsp("send", file, "--as", "H24.2").status == 3)
        let second = try await city.lgsp("agency", "sync", "axis", "--apply")
        #expect(second.status == 0, "\(second.error)\(second.output)")
        #expect(try await city.lgsp("agency", "sync", "axis").status == 0)
        let sent = try await city.lgsp("send", file, "--as", "H24.2", "--wait")
        #expect(sent.status == 0, "\(sent.error)")
        #expect(try await city.received(by: "G09", mock: city.axisMock).count == 1)
        #expect(try await city.lgsp("agency", "sync", "city-systems").status == 4)
      }
    }
  }
}
