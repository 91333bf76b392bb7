internal import HTTPTypes
public import HubKit
public import Hummingbird
internal import NIOCore
internal import NIOPosix

/// Sends the bytes of a body and ends it, or throws to close the connection.
public typealias BodySending = @Sendable (inout any ResponseBodyWriter, ArraySlice<UInt8>) async throws -> Void

extension Response {
  /// A line of text, for what the host itself says.
  public static func plain(status: Int, _ text: String) -> Response {
    from(
      ServedResponse(
        status: status, headers: [HeaderField("Content-Type", "text/plain; charset=utf-8")],
        body: Array("\(text)\n".utf8)),
      isHead: false)
  }

  /// The interface's answer as it goes on the wire: fields in order, `Content-Length` by the bytes that there are.
  ///
  /// - Parameters:
  ///   - isHead: the request was `HEAD`: the fields of the body are sent without the body (RFC 9110 section 9.3.2).
  ///   - sending: sends the body's bytes in its own way, or throws, which closes the connection; nil: all at once.
  public static func from(_ served: ServedResponse, isHead: Bool, sending: BodySending? = nil) -> Response {
    guard (200...999).contains(served.status) else {
      return plain(status: 500, "the interface answered with \(served.status), which is no final HTTP status")
    }
    var fields = HTTPFields()
    for header in served.headers where !isFraming(header.name) {
      guard let name = HTTPField.Name(header.name) else {
        return plain(status: 500, "the interface set a field whose name HTTP does not allow")
      }
      fields.append(HTTPField(name: name, value: header.value))
    }
    var response = Response(status: .init(code: served.status), headers: fields, body: body(served, isHead, sending))
    let hasBody = served.status != 204 && served.status != 304
    response.headers[.contentLength] = hasBody ? String(served.stream?.byteCount ?? served.body.count) : nil
    return response
  }

  private static func body(_ served: ServedResponse, _ isHead: Bool, _ sending: BodySending?) -> ResponseBody {
    let isEmpty = isHead || served.status == 204 || served.status == 304
    if let stream = served.stream, !isEmpty, sending == nil { return body(stream) }
    let bytes = isEmpty ? [] : served.body
    guard let sending else {
      return bytes.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
    }
    return ResponseBody(contentLength: bytes.count) { writer in try await sending(&writer, bytes[...]) }
  }

  private static let pieceBytes = 64 << 10

  /// Reads while it sends: a body that ends early breaks the connection, since its length was announced.
  private static func body(_ stream: ServedStream) -> ResponseBody {
    ResponseBody(contentLength: stream.byteCount) { writer in
      while true {
        let piece = try await NIOThreadPool.singleton.runIfActive { try stream.reader.read(upTo: pieceBytes) }
        guard !piece.isEmpty else { break }
        try await writer.write(ByteBuffer(bytes: piece))
      }
      try await writer.finish(nil)
    }
  }

  private static func isFraming(_ name: String) -> Bool {
    ["content-length", "transfer-encoding", "connection"].contains(name.lowercased())
  }
}

/// Thrown when a connection is closed on purpose.
public struct ConnectionCut: Error {
  /// Creates it.
  public init() {}
}
