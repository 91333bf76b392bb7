internal import HTTPTypes
internal import HubKit
internal import Hummingbird
internal import NIOCore

/// An answer whose bytes lie with the bus: few are sent at once, many while they are read.
enum BodyResponse {
  private static let pieceBytes = 64 << 10

  static func make(
    _ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: Body, from bodies: any BodyStore
  ) async throws -> Response {
    switch body {
    case .inline(let bytes):
      return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    case .stored(let reference):
      // Opened here, so that a body that is gone is a problem object and not a broken answer.
      let reader = try await blocking { try bodies.reader(of: body) }
      return Response(
        status: status, headers: headers,
        body: ResponseBody(contentLength: reference.byteCount) { writer in
          while true {
            let piece = try await blocking { try reader.read(upTo: pieceBytes) }
            guard !piece.isEmpty else { break }
            try await writer.write(ByteBuffer(bytes: piece))
          }
          try await writer.finish(nil)
        })
    }
  }
}
