internal import HTTPTypes
internal import HubKit
internal import Hummingbird
internal import Logging
internal import NIOHTTP1
internal import Synchronization

/// The outermost middleware: whatever goes wrong within becomes a problem object, and every answer gets the header
/// fields that keep browsers from guessing.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = GatewayContext

  let routes: RouteList
  let clock: any HubClock

  func handle(
    _ request: Request, context: GatewayContext,
    next: (Request, GatewayContext) async throws -> Response
  ) async throws -> Response {
    var response: Response
    do {
      response = try await next(request, context)
    } catch let error as HTTPParserError {
      throw error  // The connection answers this one: see ConnectionGuard.
    } catch {
      response = answer(to: error, request, context)
      if request.method == .head { response = response.createHeadResponse() }
    }
    harden(&response)
    return response
  }

  private func answer(to error: any Error, _ request: Request, _ context: GatewayContext)
    -> Response
  {
    if request.method == .options, let allowed = routes.methods(for: request.uri.path),
      isNotFound(error)
    {
      var response = Response(status: .noContent, headers: [.allow: allowed])
      response.headers[.contentLength] = nil  // RFC 9110 section 8.6
      return response
    }
    let instance = "urn:uuid:\(ExchangeID.make(at: clock.now))"
    let problem = problem(for: error, request)
    // What became of a question is on record with its exchange.
    if problem.origin == .hub, problem.exchange == nil {
      context.logger.error(
        "request failed",
        metadata: [
          "instance": "\(instance)", "problem": "\(problem.type.rawValue)",
          "error": "\(type(of: error))",
          "path": "\(context.endpointPath ?? "-")",
        ])
    }
    return problem.response(instance: instance)
  }

  private func problem(for error: any Error, _ request: Request) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let invalid as InvalidMessage:
      var problem = Problem(
        .invalid, invalid.violations.first?.description ?? "The message is not valid.")
      problem.violations = invalid.violations
      return problem
    case is RequestTimedOut:
      var problem = Problem(
        .timeout, "The whole body did not come in time. Nothing of it was kept.")
      problem.closesConnection = true
      return problem
    case is RequestCutShort:
      var problem = Problem(
        .badRequest, "The request ended before its body was complete. Nothing of it was kept.")
      problem.closesConnection = true
      return problem
    case let http as HTTPError: return problem(for: http, request)
    default:
      return Problem(
        .internal, "The hub failed to answer. Nothing is known to be wrong with the request.")
    }
  }

  private func problem(for error: HTTPError, _ request: Request) -> Problem {
    switch error.status.code {
    case 404:
      guard let allowed = routes.methods(for: request.uri.path) else {
        return Problem(
          .notFound, "There is nothing at this address. /openapi.yaml lists what there is.")
      }
      var problem = Problem(.methodNotAllowed, "This address knows only \(allowed).")
      problem.headers[.allow] = allowed
      return problem
    case 413: return Problem(.tooLarge, "The body is too large.")
    case 500...: return Problem(.internal, "The hub failed to answer.")
    default: return Problem(.badRequest, error.body ?? error.status.reasonPhrase)
    }
  }

  private func isNotFound(_ error: any Error) -> Bool { (error as? HTTPError)?.status == .notFound }

  private func harden(_ response: inout Response) {
    for field in Self.defaults where !response.headers.contains(field.name) {
      response.headers.append(field)
    }
  }

  private static let defaults: [HTTPField] = {
    let fields: [(HTTPField.Name?, String)] = [
      (.xContentTypeOptions, "nosniff"), (.cacheControl, "no-store"),
      (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
      (HTTPField.Name("Referrer-Policy"), "no-referrer"),
    ]
    return fields.compactMap { name, value in name.map { HTTPField(name: $0, value: value) } }
  }()
}

extension Problem {
  /// Who would have to act.
  var origin: Origin { faultOrigin ?? type.origin }
}

/// Which methods each address knows, for `Allow` (RFC 9110 section 10.2.1).
final class RouteList: Sendable {
  private struct Route {
    let path: [Substring]
    let method: String
  }

  private let routes = Mutex<[Route]>([])

  /// Takes the routes once the router is complete: the middleware that asks for them is part of the router.
  func fill(_ all: [(path: String, method: String)]) {
    routes.withLock {
      $0 = all.map { Route(path: $0.path.split(separator: "/"), method: $0.method) }
    }
  }

  /// The methods in one line; nil when there is nothing at that path.
  func methods(for path: String) -> String? {
    let wanted = path.split(separator: "/")
    var methods = Set(routes.withLock { $0.filter { Self.matches($0.path, wanted) }.map(\.method) })
    guard !methods.isEmpty else { return nil }
    if methods.contains("GET") { methods.insert("HEAD") }
    methods.insert("OPTIONS")
    return methods.sorted().joined(separator: ", ")
  }

  private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
    for (index, part) in template.enumerated() {
      if part == "**" { return true }
      guard index < path.count else { return false }
      let isOpen = part.hasPrefix(":") || part.hasPrefix("{") || part == "*"
      guard isOpen || part == path[index] else { return false }
    }
    return template.count == path.count
  }
}
