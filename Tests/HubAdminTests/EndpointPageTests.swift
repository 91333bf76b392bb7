import HTTPTypes
import HubAdmin
import Testing

@Suite("The page of an endpoint's settings")
struct EndpointPageTests {
  @Test func `shows each setting with value, default, example and meaning, and no secret`() async throws {
    let answer = try await Pages().get("/endpoints/axis", peer: "127.0.0.1")
    #expect(answer.status == .ok)
    #expect(answer.headers["Content-Security-Policy"]?.contains("default-src 'none'") == true)
    for text in [
      "axis</h2>", "edocument 1.0.0", "https://axis.example/api", "Where the axis is.", "required",
      "<code>100</code>", "not shown",
    ] {
      #expect(answer.text.contains(text), "\(text)")
    }
    // What comes from outside is text, wherever it stands.
    #expect(answer.text.contains("&lt;script&gt;") && !answer.text.contains("<script>"))
  }

  @Test func `is read by those who may read the status page, and by nobody else`() async throws {
    let site = Pages()
    #expect(try await site.get("/endpoints/axis", peer: "10.1.2.3").status == .forbidden)
    #expect(try await site.get("/endpoints/nothing", peer: "127.0.0.1").status == .notFound)
    #expect(try await site.get("/endpoints/%2E%2E", peer: "127.0.0.1").status == .notFound)
  }
}

extension Samples {
  static let sheet = EndpointSheet(
    endpoint: "axis", connector: "edocument", version: "1.0.0", summary: "Documents <script>.",
    settings: [
      .init(
        name: "url", kind: "URL", help: "Where the axis is.", isRequired: true, standard: nil,
        example: "https://axis.example", value: .plain("https://axis.example/api")),
      .init(
        name: "secret", kind: "secret", help: "The key.", isRequired: true, standard: nil, example: "file:x",
        value: .hidden),
      .init(
        name: "pageSize", kind: "integer", help: "How many at once.", isRequired: false, standard: "100",
        example: "50", value: nil),
    ])
}
