import HTTPTypes
import Hummingbird

extension Response {
  /// A page with the fields that keep browsers from guessing, storing, framing or telling others.
  ///
  /// - Parameter referrer: by `same-origin` a form's own origin stays in its request, so that it can be checked;
  ///   `no-referrer` would make it `null` (Fetch standard, "append a request Origin header").
  static func of(
    status: HTTPResponse.Status = .ok, _ body: String, type: String, policy: String = "default-src 'none'",
    referrer: String = "no-referrer"
  ) -> Response {
    let fields = [
      ("Content-Type", type), ("Cache-Control", "no-store"), ("Content-Security-Policy", policy),
      ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", referrer),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ]
    var response = Response(status: status, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    for (name, value) in fields { response.add(name, value) }
    return response
  }

  static func text(status: HTTPResponse.Status, _ text: String) -> Response {
    of(status: status, "\(text)\n", type: "text/plain; charset=utf-8")
  }

  static var refused: Response {
    text(
      status: .forbidden,
      """
      Trang này chỉ đọc được từ chính máy chạy hub; mục admin trong hub.yaml mở một địa chỉ riêng.
      This page can only be read on the hub's own machine; admin in hub.yaml gives it an address of its own.
      """)
  }

  /// A document of ours: its style, its script if it has one, and nothing else.
  ///
  /// - Parameter hasForm: whether it may send a form to this server.
  static func document(
    status: HTTPResponse.Status = .ok, nonce: String, hasForm: Bool = false, _ html: String
  ) -> Response {
    let policy = [
      "default-src 'none'", "script-src 'nonce-\(nonce)'", "style-src 'nonce-\(nonce)'", "img-src data:",
      "connect-src 'self'", "base-uri 'none'", "form-action \(hasForm ? "'self'" : "'none'")",
      "frame-ancestors 'none'",
    ]
    return of(
      status: status, html, type: "text/html; charset=utf-8", policy: policy.joined(separator: "; "),
      referrer: hasForm ? "same-origin" : "no-referrer")
  }

  /// Sends the browser on with a GET, whatever it did before (RFC 9110 section 15.4.4).
  static func seeOther(_ location: String) -> Response {
    var response = of(status: .seeOther, "", type: "text/plain; charset=utf-8")
    response.add("Location", location)
    return response
  }

  /// Adds a header field; names may repeat.
  mutating func add(_ name: String, _ value: String) {
    if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
  }
}
