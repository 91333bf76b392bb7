internal import HTTPTypes
public import HubKit
public import Hummingbird
internal import NIOCore

extension ServedRequest {
  /// Why a request cannot be handed to an interface.
  public struct Refusal: Error, Sendable, Hashable {
    /// HTTP status code.
    public var status: Int
    /// What is wrong, in a sentence.
    public var reason: String
  }

  /// Reads a request from Hummingbird whole.
  ///
  /// - Parameters:
  ///   - prefix: what stands before the path that the interface sees, as in `/v1/served/portal`; empty: nothing.
  ///   - bodyBytesMax: most bytes of the body; what the caller announces is looked at before anything is read.
  /// - Throws: ``Refusal``, or what the connection throws when it breaks.
  public static func read(_ request: Request, below prefix: String, bodyBytesMax: Int) async throws -> ServedRequest {
    var served = try head(of: request, below: prefix)
    guard let body = try await bytes(of: request, max: bodyBytesMax) else {
      throw Refusal(status: 413, reason: "the body is longer than \(bodyBytesMax) bytes")
    }
    served.body = body
    return served
  }

  /// A request as far as it is known before its body is read.
  ///
  /// - Parameter prefix: what stands before the path that the interface sees.
  /// - Throws: ``Refusal``.
  public static func head(of request: Request, below prefix: String) throws(Refusal) -> ServedRequest {
    guard let path = PercentDecoding.path(String(request.uri.path.dropFirst(prefix.count))),
      let query = PercentDecoding.query(request.uri.query ?? "")
    else { throw Refusal(status: 400, reason: "the request target is not well percent-encoded UTF-8") }
    return ServedRequest(
      method: request.method.rawValue, path: path.isEmpty ? "/" : path, query: query, headers: headers(of: request))
  }

  private static func bytes(of request: Request, max: Int) async throws -> [UInt8]? {
    let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    guard announced <= max else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(announced, 1 << 20))
    for try await part in request.body {
      guard bytes.count + part.readableBytes <= max else { return nil }
      bytes.append(contentsOf: part.readableBytesView)
    }
    return bytes
  }

  /// All fields in the order in which they came, names as written. The server library takes `Host` out of its place;
  /// it is put first, where nearly every client has it.
  private static func headers(of request: Request) -> [HeaderField] {
    let host = request.head.authority.map { [HeaderField("Host", $0)] } ?? []
    return host + request.headers.map { HeaderField($0.name.rawName, $0.value) }
  }
}
