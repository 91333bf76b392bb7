import HubKit
import HubTesting
import Testing

@testable import Population

/// What is refused before anything is sent.
@Suite(.serialized) struct RefusalTests {
  private func refusal(_ delivery: Delivery) async throws -> AdapterError? {
    let transport = FaultyTransport([])
    let outbound = try adapter("http://127.0.0.1:1/dancu", transport: transport)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery) }
    #expect(transport.sent.isEmpty)
    #expect(failure?.verdict == .reject)
    return failure
  }

  @Test(arguments: ["purpose", "official", "unit", "dossier"])
  func `without who and why nobody is asked about`(_ name: String) async throws {
    #expect(try await refusal(delivery { $0.envelope.extensions[name] = nil })?.code == "missing-\(name)")
    #expect(try await refusal(delivery { $0.envelope.extensions[name] = " \n" })?.code == "missing-\(name)")
    let long = String(repeating: "x", count: 65)
    #expect(try await refusal(delivery { $0.envelope.extensions[name] = long })?.code == "bad-\(name)")
    #expect(try await refusal(delivery { $0.envelope.extensions[name] = "a\u{1}b" })?.code == "bad-\(name)")
  }

  @Test func `where nobody waits for the answer nothing is asked`() async throws {
    #expect(try await refusal(delivery { $0.question = nil })?.code == "no-question")
  }

  @Test func `an operation that is not known is refused`() async throws {
    #expect(try await refusal(delivery(operation: "delete"))?.code == "unknown-operation")
  }

  @Test(arguments: [
    ("", "question-unreadable"), ("[]", "question-unreadable"), ("{", "question-unreadable"),
    (#"{"personalId":31090900001,"name":"An","birthDate":"1990"}"#, "question-unreadable"),
    (#"{"name":"An","birthDate":"1990"}"#, "question-number"),
    (#"{"personalId":"031090900001","oldId":"039000001","name":"An","birthDate":"1990"}"#, "question-number"),
    (#"{"personalId":"03109090000","name":"An","birthDate":"1990"}"#, "question-personal-id"),
    (#"{"personalId":"03109090000a","name":"An","birthDate":"1990"}"#, "question-personal-id"),
    (#"{"oldId":"03900000","name":"An","birthDate":"1990"}"#, "question-old-id"),
    (#"{"personalId":"031090900001","birthDate":"1990"}"#, "question-name"),
    (#"{"personalId":"031090900001","name":"  ","birthDate":"1990"}"#, "question-name"),
    (#"{"personalId":"031090900001","name":"123","birthDate":"1990"}"#, "question-name"),
    (#"{"personalId":"031090900001","name":"A\u0001n","birthDate":"1990"}"#, "question-name"),
    (#"{"personalId":"031090900001","name":"An"}"#, "question-birth-date"),
    (#"{"personalId":"031090900001","name":"An","birthDate":"1990-02-30"}"#, "question-birth-date"),
    (#"{"personalId":"031090900001","name":"An","birthDate":"12/03/1990"}"#, "question-birth-date"),
    (#"{"personalId":"031090900001","name":"An","birthDate":"19900312"}"#, "question-birth-date"),
    (#"{"personalId":"031090900001","name":"An","birthDate":"0000"}"#, "question-birth-date"),
    (#"{"personalId":"031090900001","name":"An","birthDate":"2999-01-01"}"#, "question-birth-date"),
  ])
  func `a question that cannot be asked is refused, and not quoted`(_ question: String, _ code: String) async throws {
    let failure = try await refusal(delivery(question))
    #expect(failure?.code == code)
    #expect(failure?.reason.contains("0310") == false)
    #expect(failure?.cause == nil)
  }

  @Test func `a question that is too long is refused`() async throws {
    let long = an.dropLast() + #","note":""# + String(repeating: "x", count: PopulationQuestion.bytesMax) + #""}"#
    #expect(try await refusal(delivery(String(long)))?.code == "question-too-large")
  }

  @Test func `a question whose time is over is not sent, and not thrown away`() async throws {
    let transport = FaultyTransport([])
    let outbound = try adapter("http://127.0.0.1:1/dancu", transport: transport)
    let late = delivery { $0.deadline = SystemClock().now - .seconds(1) }
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(late) }
    #expect(failure?.verdict == .retry(after: nil))
    #expect(failure?.code == "deadline")
    #expect(transport.sent.isEmpty)
  }

  @Test func `a secret without a value stops the endpoint`() async throws {
    let transport = FaultyTransport([])
    let outbound = try adapter(
      "http://127.0.0.1:1/dancu", ["secret": .secret(Secret(reference: "env:NONE", value: nil))], transport: transport)
    let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery()) }
    #expect(failure?.verdict == .outage(after: nil))
    #expect(failure?.code == "no-secret")
    #expect(transport.sent.isEmpty)
  }
}
