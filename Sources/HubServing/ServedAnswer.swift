internal import HTTPTypes
public import HubKit
public import Hummingbird
internal import NIOCore

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
  ///   - cutAt: close the connection after so many bytes of the body.
  public static func from(_ served: ServedResponse, isHead: Bool, cutAt: Int? = nil) -> Response {
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
    var response = Response(status: .init(code: served.status), headers: fields, body: body(served, isHead, cutAt))
    let hasBody = served.status != 204 && served.status != 304
    response.headers[.contentLength] = hasBody ? String(served.body.count) : nil
    return response
  }

  private static func body(_ served: ServedResponse, _ isHead: Bool, _ cutAt: Int?) -> ResponseBody {
    if isHead || served.status == 204 || served.status == 304 { return ResponseBody() }
    guard let cutAt else { return ResponseBody(byteBuffer: ByteBuffer(bytes: served.body)) }
    let part = ByteBuffer(bytes: served.body.prefix(max(0, cutAt)))
    return ResponseBody(contentLength: served.body.count) { writer in
      try await writer.write(part)
      throw ConnectionCut()
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
