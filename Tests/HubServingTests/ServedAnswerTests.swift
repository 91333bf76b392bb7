import HTTPTypes
import HubKit
import HubServing
import Hummingbird
import NIOCore
import Testing

@Suite("Between the web server and served interfaces")
struct ServedAnswerTests {
  private func request(
    _ target: String, body: [UInt8] = [], headers: [(String, String)] = []
  ) -> Request {
    var head = HTTPRequest(method: .post, scheme: "http", authority: "hub:1", path: target)
    for (name, value) in headers {
      if let name = HTTPField.Name(name) { head.headerFields.append(HTTPField(name: name, value: value)) }
    }
    return Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
  }

  @Test func `a request is read below its prefix, decoded, with all its fields in order`() async throws {
    let read = try await ServedRequest.read(
      request("/v1/served/p/h%E1%BB%93%20s%C6%A1?a=b+c&d", body: [1, 2], headers: [("X-A", "1"), ("X-A", "2")]),
      below: "/v1/served/p", bodyBytesMax: 2)
    #expect(read.path == "/hồ sơ")
    #expect(read.query == [HeaderField("a", "b c"), HeaderField("d", "")])
    #expect(read.headers == [HeaderField("Host", "hub:1"), HeaderField("X-A", "1"), HeaderField("X-A", "2")])
    #expect(read.body == [1, 2])
    let bare = try await ServedRequest.read(request("/v1/served/p"), below: "/v1/served/p", bodyBytesMax: 2)
    #expect(bare.path == "/")
  }

  @Test func `broken escapes and bodies beyond the limit are refused`() async throws {
    await #expect(throws: ServedRequest.Refusal.self) {
      _ = try await ServedRequest.read(request("/%C3"), below: "", bodyBytesMax: 2)
    }
    do {
      _ = try await ServedRequest.read(request("/", body: [1, 2, 3]), below: "", bodyBytesMax: 2)
      Issue.record("three bytes passed a limit of two")
    } catch let refusal as ServedRequest.Refusal {
      #expect(refusal.status == 413)
    }
  }

  @Test func `an answer's framing is the server's own, and nonsense becomes a 500`() {
    let answer = Response.from(
      ServedResponse(
        status: 200, headers: [HeaderField("X-B", "2"), HeaderField("Content-Length", "99")], body: [1, 2, 3]),
      isHead: false)
    #expect(answer.headers[.contentLength] == "3")
    #expect(answer.headers.count == 2)
    #expect(Response.from(ServedResponse(status: 99), isHead: false).status.code == 500)
    let named = ServedResponse(status: 200, headers: [HeaderField("not a name", "x")])
    #expect(Response.from(named, isHead: false).status.code == 500)
    #expect(Response.from(ServedResponse(status: 204, body: [1]), isHead: false).headers[.contentLength] == nil)
  }
}
