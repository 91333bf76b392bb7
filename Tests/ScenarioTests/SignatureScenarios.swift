import Foundation
import HubKit
import Testing

/// Signatures inside attachments: noted, warned of, or refused, as the route says.
extension Scenarios {
  @Suite(.serialized)
  struct SignatureScenarios {
    /// A file that says it is signed and is not: its signature covers bytes that are not there.
    private static let forged = """
      %PDF-1.4
      1 0 obj <</Type/Catalog/AcroForm<</Fields[2 0 R]/SigFlags 3>>>> endobj
      2 0 obj <</FT/Sig/T(S)/V 3 0 R>> endobj
      3 0 obj <</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 10 20 99999]/Contents<3000>>> endobj
      trailer <</Root 1 0 R>>
      %%EOF
      """

    private static func document(_ id: String) -> String {
      Samples.document(id: id, from: "H24.2", to: ["H24.101"])
        .replacing("JVBERi0xLjQKdGh1Cg==", with: Data(forged.utf8).base64EncodedString())
    }

    private func send(_ city: City, _ id: String) async throws -> City.Run {
      let file = "\(city.home)/\(id).edxml"
      try Data(Self.document(id).utf8).write(to: URL(filePath: file))
      return try await city.lgsp("send", file, "--as", "H24.2", "--wait")
    }

    @Test func `what does not hold is noted, shown with the document, and counted where the route warns`() async throws
    {
      try await City.running(prepare: { city in
        try city.change("routes/10-documents.yaml", replacing: "keep: 30d", with: "keep: 30d\nsignatures: warn")
      }) { city in
        let sent = try await send(city, "ky-1")
        #expect(sent.status == 0, "\(sent.error)")
        let run = try await city.lgsp("document", "ky-1", "--json")
        let life = try JSONDecoder().decode(DocumentLife.self, from: Data(run.output.utf8))
        #expect(life.signatures.contains { $0.contains("không hợp lệ / not valid") }, "\(life.signatures)")
        let metrics = String(decoding: try await city.get("\(city.gateway)/metrics").body, as: UTF8.self)
        #expect(metrics.contains("lgsp_signature_warnings_total 1"))
      }
    }

    @Test func `a route that wants signatures to hold refuses it, and says why`() async throws {
      try await City.running(prepare: { city in
        try city.change("routes/10-documents.yaml", replacing: "keep: 30d", with: "keep: 30d\nsignatures: refuse")
      }) { city in
        let sent = try await send(city, "ky-2")
        #expect(sent.status == 3)
        #expect(
          sent.error.contains("signature-invalid") || sent.error.contains("Chữ ký số không hợp lệ"), "\(sent.error)")
        let plain = "\(city.home)/khong-ky.edxml"
        try Data(Samples.document(id: "ky-3", from: "H24.2", to: ["H24.101"]).utf8).write(to: URL(filePath: plain))
        #expect(
          try await city.lgsp("send", plain, "--as", "H24.2", "--wait").status == 0, "without a signature it passes")
      }
    }

    @Test func `a hub whose roots cannot be read does not start, and a running one keeps what it has`() async throws {
      try await City.running { city in
        try city.change("hub.yaml", replacing: "drain: 20s", with: "drain: 20s\nsignatures: {roots: [../khong-co]}")
        let run = try await city.lgsp("reload")
        #expect(run.status != 0)
        #expect((run.error + run.output).contains("khong-co"), "\(run.error)\(run.output)")
        #expect(try await send(city, "ky-4").status == 0)
      }
    }
  }
}
