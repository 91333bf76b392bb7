internal import HTTPTypes
public import HubKit
internal import HubServing
internal import Hummingbird
internal import Synchronization

/// What connectors answer when their far systems call, by endpoint; another configuration may bring others while the
/// door is open.
public final class ServedInterfaces: Sendable {
  /// One endpoint's interface.
  public struct Entry: Sendable {
    /// The endpoint.
    public var endpoint: String
    /// Where a ``MountedInterface`` stands at the door, as in `vxp`.
    public var mount: String?
    /// Answers.
    public var interface: any ServedInterface

    /// Creates an entry.
    public init(endpoint: String, mount: String? = nil, interface: any ServedInterface) {
      self.endpoint = endpoint
      self.mount = mount
      self.interface = interface
    }
  }

  private let current: Mutex<[Entry]>

  /// Takes what is served from the start.
  public init(_ entries: [Entry] = []) {
    current = Mutex(entries)
  }

  /// Serves these from the next request on; requests under way are answered by whom they reached.
  public func adopt(_ entries: [Entry]) { current.withLock { $0 = entries } }

  subscript(endpoint: String) -> (any ServedInterface)? {
    current.withLock { $0.first { $0.endpoint == endpoint && $0.mount == nil }?.interface }
  }

  /// Who answers a request at a mount: the endpoint that claims it, else the first of them.
  func interface(at mount: String, for request: ServedRequest) -> (any MountedInterface)? {
    let all = current.withLock { $0.filter { $0.mount == mount }.compactMap { $0.interface as? any MountedInterface } }
    return all.first { $0.claims(request) } ?? all.first
  }
}

/// `/v1/served/{endpoint}/…`, and for those with an address of their own `/{mount}/…`: what connectors answer when
/// their far systems call. They check by themselves who calls.
struct ServedMounts: Sendable {
  let interfaces: ServedInterfaces
  let bodyBytesMax: Int
  let intake: BodyIntake

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
      throw Self.problem(refusal)
    }
  }

  /// Answers at a mount; the body goes to the store once its sender was looked over.
  func answer(_ request: Request, _ context: GatewayContext, at mount: String) async throws -> Response {
    let isHead = request.method == .head
    do {
      var served = try ServedRequest.head(of: request, below: "/\(mount)")
      guard let interface = interfaces.interface(at: mount, for: served) else {
        throw Problem(.notFound, "No connector answers here.")
      }
      if let refusal = await interface.refusal(of: served) {
        var response = Response.from(refusal, isHead: isHead)
        // What was announced is not read, so the connection cannot go on.
        response.headers[.connection] = "close"
        return response
      }
      let mediaType = request.headers[.contentType] ?? "application/octet-stream"
      let taken = try await intake.take(request, context, mediaType: mediaType, without: interface.bodyTail)
      served.upload = ServedUpload(body: taken.body) { await taken.discard() }
      return .from(await interface.respond(to: served), isHead: isHead)
    } catch let refusal as ServedRequest.Refusal {
      throw Self.problem(refusal)
    }
  }

  private static func problem(_ refusal: ServedRequest.Refusal) -> Problem {
    var problem = Problem(refusal.status == 413 ? .tooLarge : .badRequest, refusal.reason)
    problem.closesConnection = true
    return problem
  }
}
