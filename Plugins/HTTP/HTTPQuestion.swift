internal import HubKit

/// A question as a request: the caller's own method, path and parameters below the endpoint's address.
struct HTTPQuestion {
  let url: String
  let headers: [HeaderField]
  let body: OutboundBody?

  /// - Parameter address: the endpoint's own, for this delivery.
  init(_ question: Question, _ delivery: Delivery, at address: String, mode: HTTPSettings.Mode) throws(AdapterError) {
    let isForm = delivery.envelope.dataContentType?.lowercased().hasPrefix(Question.parametersType) ?? false
    let hasNoBody = ["GET", "DELETE", "HEAD"].contains(question.method)
    var url = try Self.joined(address, question.path)
    if isForm, hasNoBody {
      url += "?" + String(decoding: try Self.bytes(delivery), as: UTF8.self)
    }
    self.url = url
    let content = try CloudEventsContent(delivery, mode: mode)
    guard !hasNoBody else {
      headers = content.headers.filter { $0.name.lowercased() != "content-type" }
      body = nil
      return
    }
    headers = content.headers
    body = content.body
  }

  /// No path leads out of the address that the operator gave.
  private static func joined(_ address: String, _ path: String) throws(AdapterError) -> String {
    guard !path.isEmpty else { return address }
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      guard let plain = PercentDecoding.path(String(part)), plain != ".", plain != "..", !plain.contains("/"),
        !plain.contains("\\"), !part.contains("?"), !part.contains("#")
      else {
        throw AdapterError(.reject, code: "path", reason: "The question's path leads out of the service.")
      }
    }
    return (address.hasSuffix("/") ? String(address.dropLast()) : address) + "/" + path
  }

  private static func bytes(_ delivery: Delivery) throws(AdapterError) -> [UInt8] {
    do throws(BodyError) {
      return try delivery.bodies.bytes(of: delivery.body, limit: Body.inlineBytesMax)
    } catch {
      throw AdapterError(.reject, code: "parameters", reason: "The parameters are too long for an address.")
    }
  }

  /// Whether a status is an answer to the question, and not trouble between the two systems: the caller gets it as it
  /// is. Method and path are his own, so what they bring about must not pause the endpoint for everybody.
  static func isAnswer(_ status: Int) -> Bool {
    (200...299).contains(status)
      || [400, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 501].contains(status)
  }

  /// A redirect is not followed, and belongs to the path that was asked for.
  static func redirected(_ status: Int) -> AdapterError? {
    guard (300...399).contains(status) else { return nil }
    return AdapterError(
      .reject, code: "http-\(status)", reason: "The far system answered \(status), a redirect, which is not followed.")
  }
}
