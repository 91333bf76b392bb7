import Crypto
import EDocumentMock
import Foundation
import HubKit
import HubTesting
import Testing

/// What the mock makes of requests as the vendor's kit writes them, built here by hand.
@Suite struct SigningTests {
  private func signed(_ fields: [(String, String)], key: String = hubKey, json: String? = nil) -> [HeaderField] {
    let text = json ?? "{" + fields.map { "\"\($0.0)\":\"\($0.1)\"" }.joined(separator: ",") + "}"
    let code = HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: Data(key.utf8)))
    let hash = code.map { String(format: "%02x", $0) }.joined()
    return fields.map { HeaderField($0.0, $0.1) } + [
      HeaderField("XroadVnpt-sign-header", text), HeaderField("XroadVnpt-hash-header", hash),
      HeaderField("XroadVnpt-sign-header-key", fields.map(\.0).joined(separator: ";")),
    ]
  }

  private func answer(_ headers: [HeaderField], method: String = "POST", to operation: String = "getReceivedEdocList")
    async throws -> String
  {
    let interface = try Axis.makeInterface(clock: TestClock())
    let request = ServedRequest(method: method, path: "/axis/\(operation)", headers: headers)
    return String(decoding: await interface.respond(to: request).body, as: UTF8.self)
  }

  private static let fields = [
    ("XroadVnpt-systemid", hubSystem), ("XroadVnpt-timestamp", "23-11-2026T08:00:00+0123"),
    ("XroadVnpt-messagetype", "edoc"),
  ]

  @Test func `the text is verified as it came, in whatever order its keys stand`() async throws {
    let json = #"{ "XroadVnpt-messagetype":"edoc", "XroadVnpt-systemid":"hub.test" }"#
    #expect(try await answer(signed(Self.fields, json: json)).contains(#""ErrorCode":"0""#))
  }

  @Test func `parameters left over from an earlier call do no harm`() async throws {
    let stale =
      Self.fields + [
        ("XroadVnpt-filePath", "old"), ("XroadVnpt-hash-file", "abc"), ("XroadVnpt-whatever", "1"),
      ]
    #expect(try await answer(signed(stale)).contains(#""ErrorCode":"0""#))
  }

  @Test func `a wrong key, a changed parameter and a missing signature are refused`() async throws {
    #expect(try await answer(signed(Self.fields, key: "other")).contains(#""ErrorCode":"15""#))
    var changed = signed(Self.fields)
    changed[2] = HeaderField("XroadVnpt-messagetype", "status")
    #expect(try await answer(changed).contains(#""ErrorCode":"15""#))
    #expect(try await answer(Self.fields.map { HeaderField($0.0, $0.1) }).contains(#""ErrorCode":"15""#))
    #expect(try await answer(signed(Self.fields, json: "{}")).contains(#""ErrorCode":"15""#))
  }

  @Test func `both spellings of docId are understood`() async throws {
    for name in ["XroadVnpt-docId", "XroadVnpt-docid"] {
      let fields = Self.fields + [(name, "r-1")]
      #expect(try await answer(signed(fields), to: "getEdoc").contains(#""ErrorCode":"21""#))
    }
  }

  @Test func `counting is a GET and listing is a POST`() async throws {
    #expect(try await answer(signed(Self.fields), method: "GET", to: "countReceiveEdoc").contains(#""count":0"#))
    #expect(try await answer(signed(Self.fields), method: "GET").isEmpty)
  }
}
