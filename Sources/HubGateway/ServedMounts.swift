internal import HTTPTypes
public import HubKit
internal import HubServing
internal import Hummingbird
internal import Synchronization

/// What connectors answer when their far systems call, by endpoint; another configuration may bring others while the
/// door is open.
public final class ServedInterfaces: Sendable {
  private let current: Mutex<[String: any ServedInterface]>

  /// Takes what is served from the start.
  public init(_ interfaces: [String: any ServedInterface] = [:]) {
    current = Mutex(interfaces)
  }

  /// Serves these from the next request on; requests under way are answered by whom they reached.
  public func adopt(_ interfaces: [String: any ServedInterface]) { current.withLock { $0 = interfaces } }

  subscript(endpoint: String) -> (any ServedInterface)? { current.withLock { $0[endpoint] } }
}

/// `/v1/served/{endpoint}/…`: what connectors answer when their far systems call. They check by themselves who calls.
struct ServedMounts: Sendable {
  let interfaces: ServedInterfaces
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
