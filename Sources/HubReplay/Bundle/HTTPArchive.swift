internal import Foundation
internal import HubKit

/// The exchanges of a bundle as an HTTP archive (HAR 1.2), so that browsers and other tools open them: what came in as
/// HTTP binding of CloudEvents, then each request of a connector with the recorded answer.
enum HTTPArchive {
  static let beginning = Array(
    #"{"log":{"version":"1.2","creator":{"name":"lgsp-hub","version":"1"},"entries":["#.utf8)
  static let end = Array("]}}\n".utf8)

  /// Longest text that stands in the archive itself, in bytes; longer ones lie in the bundle under their digest.
  private static let textBytesMax = 64 << 10

  /// The entries of one exchange.
  static func entries(of recording: Recording) -> [Entry] {
    let exchange = recording.exchange
    var left = exchange.calls
    let calls = exchange.made.deliveries.flatMap { delivery -> [Entry] in
      let place = left.firstIndex { $0.name == delivery.name }
      let call = place.map { left.remove(at: $0) }
      return entries(of: delivery, call, recording)
    }
    return [received(recording)] + calls
  }

  private static func received(_ recording: Recording) -> Entry {
    let exchange = recording.exchange
    let headers = exchange.envelope.sorted { $0.key < $1.key }.map { name, value in
      name == "datacontenttype" ? Pair(name: "content-type", value: value) : Pair(name: "ce-\(name)", value: value)
    }
    let made = exchange.made
    let answer = made.answer
    return Entry(
      startedDateTime: exchange.receivedAt.description, time: 0,
      request: Entry.Request(
        method: "POST", url: "https://lgsp.invalid/v1/exchanges", headers: headers,
        postData: data(exchange.body, recording.contents)),
      response: Entry.Response(
        status: made.refusal == nil ? (answer == nil ? 202 : 200) : 400, statusText: made.state?.rawValue ?? "",
        content: answer.map { data($0, recording.contents) }),
      comment: "exchange \(exchange.id), route \(made.route ?? "-")")
  }

  private static func entries(of delivery: MadeDelivery, _ call: RecordedCall?, _ recording: Recording) -> [Entry] {
    let last = call?.attempts.last
    let requests =
      delivery.requests ?? [
        MadeRequest(method: "DELIVER", url: "lgsp:\(delivery.name.text)", headers: [], body: delivery.body)
      ]
    return requests.map { request in
      Entry(
        startedDateTime: recording.exchange.receivedAt.description, time: Double(last?.microseconds ?? 0) / 1000,
        request: Entry.Request(
          method: request.method, url: request.url,
          headers: request.headers.map { Pair(name: $0.first ?? "", value: $0.last ?? "") },
          postData: request.body.map { data($0, recording.contents) }),
        response: Entry.Response(
          status: last.flatMap { Int($0.code) } ?? 0, statusText: last?.verdict.rawValue ?? "not made",
          content: last?.reply.map { data($0, recording.contents) }),
        comment: "delivery \(call?.delivery ?? "-") to \(delivery.name.text), \(delivery.state.rawValue)")
    }
  }

  private static func data(_ content: Content, _ contents: Contents) -> Text {
    let bytes = contents[content] ?? []
    let text = bytes.count <= textBytesMax ? String(validating: bytes, as: UTF8.self) : nil
    return Text(
      mimeType: content.type ?? "application/octet-stream", size: content.bytes, text: text ?? "",
      comment: text == nil ? BundleReader.path(of: content.digest) : nil)
  }

  struct Pair: Encodable { var name, value: String }

  /// `postData` of a request, `content` of a response.
  struct Text: Encodable {
    var mimeType: String
    var size: Int
    var text: String
    var comment: String?
  }

  struct Entry: Encodable {
    struct Request: Encodable {
      var method, url: String
      var httpVersion = "HTTP/1.1"
      var cookies: [Pair] = []
      var headers: [Pair]
      var queryString: [Pair] = []
      var postData: Text?
      var headersSize = -1
      var bodySize = -1
    }

    struct Response: Encodable {
      var status: Int
      var statusText: String
      var httpVersion = "HTTP/1.1"
      var cookies: [Pair] = []
      var headers: [Pair] = []
      var content: Text
      var redirectURL = ""
      var headersSize = -1
      var bodySize = -1

      init(status: Int, statusText: String, content: Text?) {
        self.status = status
        self.statusText = statusText
        self.content = content ?? Text(mimeType: "application/octet-stream", size: 0, text: "")
      }
    }

    struct Timings: Encodable {
      var send = 0.0
      var wait: Double
      var receive = 0.0
    }
    struct Cache: Encodable {}

    var startedDateTime: String
    var time: Double
    var request: Request
    var response: Response
    var cache = Cache()
    var timings: Timings
    var comment: String

    init(startedDateTime: String, time: Double, request: Request, response: Response, comment: String) {
      self.startedDateTime = startedDateTime
      self.time = time
      self.request = request
      self.response = response
      self.comment = comment
      timings = Timings(wait: time)
    }
  }
}
