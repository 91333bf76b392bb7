import FoundationEssentials
import HTTPTypes
import HubKit
import Hummingbird
import Logging

/// The orders as HTTP: JSON in and out, problems as in RFC 9457.
struct ControlRoutes: Sendable {
  let control: any HubControl
  let commands: [ControlServer.Command]

  /// What comes with an order.
  private struct Order: Decodable {
    var delivery: Int?
    var resend: Bool?
    var reason: String?
    /// The name that the operator gives himself.
    var by: String?
  }

  private struct Endpoints: Encodable { var endpoints: [ControlEndpoint] }
  private struct Deliveries: Encodable { var deliveries: [ControlDelivery] }

  private static let bodyBytesMax = 64 << 10
  private static let pageMax = 500
  private static let reasonMax = 500

  func mount(on router: Router<ControlContext>) {
    router.get("/endpoints") { request, context in
      await answer(context) { _ in try json(Endpoints(endpoints: await control.endpoints())) }
    }
    router.get("/endpoints/:name") { request, context in
      await answer(context) { _ in try json(try await endpoint(context)) }
    }
    router.post("/endpoints/:name/pause") { try await pause(true, $0, $1) }
    router.post("/endpoints/:name/resume") { try await pause(false, $0, $1) }
    router.post("/endpoints/:name/version/:version") { request, context in
      await answer(context) { peer in
        let (_, by, reason) = try await order(request, peer)
        guard let choice = ControlVersions.Choice(rawValue: try context.parameters.require("version")) else {
          throw ControlRefusal(.invalid, "current, next, auto.")
        }
        let name = try context.parameters.require("name")
        return try json(try await control.setVersion(choice, endpoint: name, by: by, reason: reason))
      }
    }
    router.get("/dead-letters") { request, context in
      await answer(context) { _ in try json(try await deadLetters(request)) }
    }
    mountRedeliveries(on: router)
    router.post("/exchanges/:id/redeliver") { request, context in
      await answer(context) { peer in
        let (order, by, reason) = try await order(request, peer)
        let done = try await control.redeliver(
          try exchange(context), delivery: order.delivery, resend: order.resend ?? false, by: by, reason: reason)
        return try json(Deliveries(deliveries: done))
      }
    }
    router.post("/exchanges/:id/drop") { request, context in
      await answer(context) { peer in
        let (order, by, reason) = try await order(request, peer)
        let done = try await control.drop(try exchange(context), delivery: order.delivery, by: by, reason: reason)
        return try json(Deliveries(deliveries: done))
      }
    }
    router.post("/exchanges/:id/purge") { request, context in
      await answer(context) { peer in
        let (_, by, reason) = try await order(request, peer)
        return try json(try await control.purge(try exchange(context), by: by, reason: reason))
      }
    }
    for command in commands {
      router.post(RouterPath(command.path)) { request, context in
        await answer(context) { peer in
          let body = try await body(of: request)
          let told = (try? JSONDecoder().decode(Order.self, from: Data(body)))?.by
          let (status, json) = try await command.perform(peer.signature(told: told), body)
          return Self.response(status, json, type: "application/json")
        }
      }
    }
  }

  private func pause(_ isPaused: Bool, _ request: Request, _ context: ControlContext) async throws -> Response {
    await answer(context) { peer in
      let (_, by, reason) = try await order(request, peer)
      let name = try context.parameters.require("name")
      return try json(try await control.setPaused(isPaused, endpoint: name, by: by, reason: reason))
    }
  }

  private func endpoint(_ context: ControlContext) async throws -> ControlEndpoint {
    let name = try context.parameters.require("name")
    guard let found = await control.endpoints().first(where: { $0.name == name }) else {
      throw ControlRefusal(.unknown, "Không có điểm kết nối \(name) / no endpoint \(name) is configured.")
    }
    return found
  }

  private func deadLetters(_ request: Request) async throws -> ControlDeadLetters {
    let query = request.uri.queryParameters
    let limit = query.get("limit").flatMap { Int($0) } ?? 100
    let after = query.get("after").flatMap { Int64($0) } ?? 0
    guard (1...Self.pageMax).contains(limit), after >= 0 else {
      throw ControlRefusal(.invalid, "limit 1…\(Self.pageMax), after ≥ 0.")
    }
    return try await control.deadLetters(try ControlFilter { query.get($0) }, after: after, limit: limit)
  }

  private func exchange(_ context: ControlContext) throws -> ExchangeID {
    guard let id = ExchangeID(try context.parameters.require("id")) else {
      throw ControlRefusal(.invalid, "Mã giao dịch không đúng dạng / this is no exchange id.")
    }
    return id
  }

  private func body(of request: Request) async throws -> [UInt8] {
    do {
      return Array(buffer: try await request.body.collect(upTo: Self.bodyBytesMax))
    } catch {
      throw ControlRefusal(.invalid, "Lệnh quá dài / the order has more than \(Self.bodyBytesMax) bytes.")
    }
  }

  /// Who orders, and why: nothing is done without a reason.
  private func order(_ request: Request, _ peer: ControlPeer) async throws -> (Order, by: String, reason: String) {
    let (order, by, reason) = try await signed(Order.self, request, peer)
    guard order.delivery ?? 1 >= 1 else {
      throw ControlRefusal(.invalid, "Lượt giao đếm từ 1 / deliveries are counted from 1.")
    }
    return (order, by, reason)
  }

  /// The same with what else the order holds.
  func signed<Content: Decodable>(
    _ content: Content.Type, _ request: Request, _ peer: ControlPeer
  ) async throws -> (Content, by: String, reason: String) {
    let bytes = Data(try await body(of: request))
    let decoder = JSONDecoder()
    guard let content = try? decoder.decode(content, from: bytes),
      let order = try? decoder.decode(Order.self, from: bytes)
    else {
      throw ControlRefusal(.invalid, "Lệnh phải là JSON / the order must be a JSON object with a reason.")
    }
    let reason = (order.reason ?? "").split(whereSeparator: \.isNewline).joined(separator: " ")
    guard !reason.allSatisfy(\.isWhitespace), reason.count <= Self.reasonMax else {
      throw ControlRefusal(
        .invalid, "Cần lý do, tối đa \(Self.reasonMax) ký tự / a reason is needed, at most that many characters.")
    }
    return (content, peer.signature(told: order.by), reason)
  }

  // MARK: - Answers

  func answer(
    _ context: ControlContext, _ work: (ControlPeer) async throws -> Response
  ) async -> Response {
    guard let peer = await ControlPeer(of: context.channel), peer.mayOrder else {
      return Self.problem(
        403, "forbidden", "Chỉ người chạy hub được ra lệnh / only the user who runs the hub may order.")
    }
    do {
      return try await work(peer)
    } catch let refusal as ControlRefusal {
      return Self.problem(refusal.kind.status, refusal.kind.rawValue, refusal.detail)
    } catch {
      context.logger.error("an order failed", metadata: ["reason": "\(error)"])
      return Self.problem(500, "failed", "Lỗi trong hub, xem nhật ký / the hub failed; see its log.")
    }
  }

  func json(_ value: some Encodable) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Self.response(200, Array(try encoder.encode(value)), type: "application/json")
  }

  private struct Problem: Encodable {
    var type, title, detail: String
    var status: Int
  }

  private static func problem(_ status: Int, _ name: String, _ detail: String) -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let problem = Problem(type: "/problems/control-\(name)", title: name, detail: detail, status: status)
    return response(
      status, (try? encoder.encode(problem)).map(Array.init) ?? [], type: "application/problem+json")
  }

  private static func response(_ status: Int, _ body: [UInt8], type: String) -> Response {
    Response(
      status: .init(code: status), headers: [.contentType: type, .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: body)))
  }
}
