internal import HTTPTypes
internal import Hummingbird

/// What everyone may ask: whether the hub lives, whether it is ready, what the API is, what a problem means.
struct OpenEndpoints: Sendable {
  let ready: @Sendable () async -> [String]

  func add(to router: Router<GatewayContext>) {
    router.get("/health") { _, _ in jsonResponse(.ok, Array(#"{"status":"ok"}"#.utf8)) }
    router.get("/ready") { _, _ in try await answerReady() }
    router.get("/openapi.yaml") { _, _ in text(OpenAPIDocument.yaml, "application/yaml") }
    router.get("/problems") { _, _ in
      text(
        Array(ProblemType.allCases.map { "\($0.uri)  \($0.title)\n" }.joined().utf8),
        "text/plain; charset=utf-8")
    }
    router.get("/problems/{code}") { _, context in
      guard let type = context.parameters.get("code").flatMap(ProblemType.init(rawValue:)) else {
        throw Problem(.notFound, "There is no such problem type. /problems lists all.")
      }
      return text(Array(type.page.utf8), "text/plain; charset=utf-8")
    }
  }

  private func answerReady() async throws -> Response {
    let reasons = await ready()
    guard !reasons.isEmpty else { return jsonResponse(.ok, Array(#"{"status":"ready"}"#.utf8)) }
    var problem = Problem(.notReady, "The hub takes no messages yet.")
    problem.reasons = reasons
    problem.retryAfter = .seconds(5)
    throw problem
  }

  private func text(_ bytes: [UInt8], _ mediaType: String) -> Response {
    Response(
      status: .ok, headers: [.contentType: mediaType],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

/// The API's own description, the same bytes as `Documentation/openapi.yaml`.
public enum OpenAPIDocument {
  /// OpenAPI 3.1 in YAML, UTF-8.
  public static var yaml: [UInt8] { PackageResources.openapi_yaml }
}
