import HubKit
import HubTesting
import Testing

@testable import HTTP

@Suite struct `Questions to an agency's own system` {
  private func ask(
    _ question: Question, body: String = "", mediaType: String? = "application/json", status: Int = 200,
    answer: String = "{}"
  ) async throws -> (sent: FaultyTransport.Sent?, result: Result<Reply, AdapterError>) {
    let response = OutboundResponse(
      status: status, headers: [HeaderField("Content-Type", "application/json")], body: Array(answer.utf8))
    let transport = FaultyTransport([.answer(response)])
    let adapter = try adapter(
      ["url": .text("https://so.example.vn/api/"), "mode": .text("body")], transport: transport)
    var asked = delivery(body: .inline(Array(body.utf8)), mediaType: mediaType)
    asked.question = question
    let result = await outcome(adapter, asked)
    return (transport.sent.first, result)
  }

  @Test func `method, path and parameters are the caller's own, below the endpoint's address`() async throws {
    let asked = try await ask(
      Question(method: "GET", path: "nguoi-nop/03%2012"), body: "mst=02%2000&x", mediaType: Question.parametersType)
    #expect(asked.sent?.request.method == "GET")
    #expect(asked.sent?.request.url == "https://so.example.vn/api/nguoi-nop/03%2012?mst=02%2000&x")
    #expect(asked.sent?.body == [])
    let posted = try await ask(Question(method: "PUT", path: ""), body: #"{"a":1}"#)
    #expect(posted.sent?.request.url == "https://so.example.vn/api/")
    #expect(posted.sent?.body == Array(#"{"a":1}"#.utf8))
    #expect(posted.sent?.request.headers["Content-Type"] == "application/json")
  }

  @Test(arguments: ["../admin", "a/%2e%2e/b", "a/%2Fetc", "a?b", "a#b", "a%5Cb", "a/."])
  func `no path leads out of the service`(_ path: String) async throws {
    let asked = try await ask(Question(method: "GET", path: path))
    #expect(asked.result.error?.code == "path")
    #expect(asked.sent == nil)
  }

  @Test(arguments: [200, 204, 400, 403, 404, 405, 406, 409, 410, 412, 413, 414, 415, 422, 501])
  func `an answer is the caller's, whatever it says`(_ status: Int) async throws {
    let asked = try await ask(Question(), status: status, answer: #"{"khong":"có"}"#)
    let reply = try asked.result.get()
    #expect(reply.code == "\(status)")
    #expect(reply.body == .inline(Array(#"{"khong":"có"}"#.utf8)))
    #expect(reply.mediaType == "application/json")
  }

  @Test(arguments: [301, 302, 308])
  func `a redirect ends the question and pauses nothing`(_ status: Int) async throws {
    #expect(try await ask(Question(), status: status).result.error?.verdict == .reject)
  }

  @Test(arguments: [401, 407, 408, 429, 500, 502, 503, 504])
  func `trouble between the systems is no answer`(_ status: Int) async throws {
    #expect(try await ask(Question(), status: status).result.error?.code == "http-\(status)")
  }
}
