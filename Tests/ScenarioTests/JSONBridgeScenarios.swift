import EdXMLWire
import Foundation
import HubKit
import Testing

/// A commune whose software knows JSON only, among offices that know edXML only.
extension Scenarios {
  @Suite(.serialized)
  struct JSONBridgeScenarios {
    private static let file = Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7919 >> 2) })

    private func json(id: String, subject: String = "Về việc thử", data: String? = nil) -> String {
      let data = data ?? Self.file.base64EncodedString()
      return """
        {"kind":"document","from":{"organId":"H24.105"},"to":[{"organId":"H24.101"},{"organId":"G22"}],
         "documentId":"\(id)","code":{"codeNumber":"7","codeNotation":"BC-\(id)"},"subject":"\(subject)",
         "attachments":[{"contentId":"cid:1","attachmentName":"tệp.bin","data":"\(data)"}]}
        """
    }

    private func object(_ text: String?) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data((text ?? "").utf8)) as? [String: Any])
    }

    @Test func `a document in JSON goes as edXML, comes back as JSON, and its status finds the way`() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.105")
        func handIn(_ body: String, _ type: String = "vn.gov.edoc.document.json", id: String) async throws
          -> OutboundResponse
        {
          try await city.handIn(body, type: type, to: [], mediaType: "application/json", token: token, id: id)
        }
        struct Receipt: Decodable { var id: String, duplicate: Bool }
        let response = try await handIn(json(id: "json-1"), id: "a")
        #expect(response.status == 202, "\(String(decoding: response.body, as: UTF8.self))")
        let receipt = try JSONDecoder().decode(Receipt.self, from: Data(response.body))
        try await waitUntil("it is delivered") { try await city.view(receipt.id).state == .delivered }
        for text in [
          try await city.received(by: "H24.101", mock: city.systemsMock).first,
          try await city.received(by: "G22", mock: city.axisMock).first,
        ] {
          let store = MemoryBodyStore()
          let message = try EdXMLReader.read(BytesReader(Array((text ?? "").utf8)), into: store)
          #expect(message.documentId == "json-1" && message.from?.organId == "H24.105")
          #expect(message.attachments.map(\.body) == [.inline(Array(Self.file))])
        }
        // The same again is the same exchange; other content under its id is not.
        let again = try JSONDecoder().decode(
          Receipt.self, from: Data(try await handIn(json(id: "json-1"), id: "a").body))
        #expect(again.id == receipt.id && again.duplicate)
        #expect(try await handIn(json(id: "json-1", subject: "Khác"), id: "a").status == 409)

        // An answer in edXML arrives as JSON, and what it says of the file is what was sent.
        let file = "\(city.home)/answer.edxml"
        try Data(Samples.document(id: "answer-1", from: "H24.2", to: ["H24.105"]).utf8).write(
          to: URL(filePath: file))
        #expect(try await city.lgsp("send", file, "--as", "H24.2", "--wait").status == 0)
        let answer = try object(try await city.received(by: "H24.105", mock: city.systemsMock).first)
        #expect(answer["documentId"] as? String == "answer-1" && answer["kind"] as? String == "document")
        let attached = try #require((answer["attachments"] as? [[String: Any]])?.first)
        #expect(
          attached["data"] as? String == "JVBERi0xLjQKdGh1Cg==" && attached["attachmentName"] as? String == "thử.pdf")

        let status = """
          {"kind":"status","from":{"organId":"H24.105"},"statusCode":"03",
           "responseFor":[{"organId":"H24.2","documentId":"answer-1"}]}
          """
        #expect(try await handIn(status, "vn.gov.edoc.status.json", id: "s").status == 202)
        try await waitUntil("the status is back") {
          try await city.received(by: "H24.2", mock: city.systemsMock).contains { $0.contains("StatusCode>03<") }
        }
      }
    }

    @Test func `what must not pass is refused as in edXML, by JSON Pointer, and nothing stays`() async throws {
      try await City.running { city in
        let token = try await city.token(of: "H24.105")
        func refusal(_ body: String, _ type: String = "vn.gov.edoc.document.json") async throws -> (Int, String) {
          let response = try await city.handIn(body, type: type, to: [], mediaType: "application/json", token: token)
          return (response.status, String(decoding: response.body, as: UTF8.self))
        }
        let secret = try await refusal(json(id: "json-2", subject: "[TỐI MẬT] Kế hoạch"))
        #expect(secret.0 == 403 && secret.1.contains("secret"), "\(secret)")
        // The mark is inside the file only.
        let inside = Data("BÁO CÁO\n\nTỐI MẬT\n\nNội dung".utf8).base64EncodedString()
        let hidden = try await refusal(json(id: "json-3", data: inside))
        #expect(hidden.0 == 403, "\(hidden)")
        let cut = try await refusal(json(id: "json-4", data: "QUJ"))
        #expect(cut.0 == 400 || cut.0 == 422, "\(cut)")
        #expect(cut.1.contains("/attachments/0/data"), "\(cut)")
        let stranger = try await refusal(json(id: "json-5").replacing("H24.105", with: "H24.2"))
        #expect(stranger.0 == 403, "\(stranger)")
        let mixed = try await refusal(json(id: "json-6"), "vn.gov.edoc.status.json")
        #expect(mixed.0 == 400 || mixed.0 == 422, "\(mixed)")
        #expect(try await city.received(by: "H24.101", mock: city.systemsMock).isEmpty)
        let incidents = try await city.lgsp("incidents", "--json")
        #expect(incidents.output.split(separator: "\n").count == 2, "\(incidents.output)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: "\(city.home)/Data")
          .filter { $0.contains("arriving/") }
        #expect(left.isEmpty, "\(left)")
      }
    }
  }
}
