internal import HTTPTypes
internal import HubKit
internal import HubServing
internal import Hummingbird

/// `/v1/served/{endpoint}/…`: what connectors answer when their far systems call. They check by themselves who calls.
struct ServedMounts: Sendable {
  let interfaces: [String: any ServedInterface]
  let bodyBytesMax: Int

  static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]

  func answer(_ request: Request, _ context: GatewayContext) async throws -> Response {
    guard let name = context.parameters.get("endpoint"), let interface = interfaces[name] else {
      throw Problem(.notFound, "No connector answers here.")
    }
    context.wantsBody()
    do {
      let served = try await ServedRequest.read(
        request, below: "/v1/served/\(name)", bodyBytesMax: bodyBytesMax)
      return .from(await interface.respond(to: served), isHead: request.method == .head)
    } catch let refusal as ServedRequest.Refusal {
      var problem = Problem(refusal.status == 413 ? .tooLarge : .badRequest, refusal.reason)
      problem.closesConnection = true
      throw problem
    }
  }
}
