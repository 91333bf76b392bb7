import Crypto
import EDocument
import EDocumentMock
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

extension SocketTests {
  @Suite struct AxisTests {
    @Test func `a document reaches each receiver as an item of its own, until it is acknowledged`() async throws {
      let axis = try Axis()
      let document = sample("plain", from: far, to: [sender, receiver])
      _ = try await axis.send(document.body, to: [sender.code.text, receiver.code.text])
      let client = try axis.client()
      let listed = try await client.list(.edoc, pageSize: 10)
      #expect(listed.map(\.to) == [sender.code.text, receiver.code.text])
      #expect(Set(listed.map(\.docId)).count == 2)
      #expect(try await client.count() == 2)
      #expect(try await client.list(.edoc, pageSize: 10) == listed)
      #expect(try await client.list(.edoc, pageSize: 1).count == 1)
      #expect(try await client.list(.status, pageSize: 10).isEmpty)
      let first = try #require(listed.first)
      #expect(try await client.fetch(first.docId, into: MemoryBodyStore()).body == .inline(document.body))
      try await client.acknowledge(first.docId, done: true, reason: nil)
      try await client.acknowledge(first.docId, done: true, reason: nil)
      #expect(try await client.list(.edoc, pageSize: 10).map(\.docId) == listed.dropFirst().map(\.docId))
      #expect(try await axis.received(sender.code.text).map(\.acknowledged) == [true])
    }

    @Test func `a wrong key is an outage with its reason, and nothing is taken`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url, secret: "wrong").outbound
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(sample("plain"))) }
      #expect(failure?.code == "axis-15")
      #expect(failure?.verdict == .outage(after: nil))
      #expect(try await axis.received().isEmpty)
    }

    @Test func `one system cannot read another's items`() async throws {
      let axis = try Axis()
      _ = try await axis.send(sample("plain", from: far, to: [sender]).body)
      let item = try #require(try await axis.client().list(.edoc, pageSize: 10).first)
      let other = try axis.client(system: "far.test", secret: "far-key")
      #expect(try await other.list(.edoc, pageSize: 10).isEmpty)
      #expect(
        await error { () throws(AdapterError) in try await other.fetch(item.docId, into: MemoryBodyStore()) }?.code
          == "axis-21")
    }

    @Test func `an attempt whose time is over is not sent`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      var late = delivery(sample("plain"))
      late.deadline = SystemClock().now - .seconds(1)
      let attempt = late
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(attempt) }
      #expect(failure?.code == "deadline-passed")
      #expect(failure?.verdict == .retry(after: nil))
      #expect(axis.server.acceptedCount == 0)
    }

    @Test func `an unknown receiver is refused by the code of the provincial list`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      let nobody = delivery(sample("plain"), to: agency("H99", "nobody"))
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(nobody) }
      #expect(failure?.code == "axis-18")
      #expect(failure?.verdict == .reject)
    }

    @Test(arguments: ["sdk", "padded"])
    func `both ways of printing a digest are taken`(_ style: String) async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url, hashStyle: style).outbound
      // Among these digests some have a byte below 16, which the two ways print differently.
      for number in 1...12 { _ = try await outbound.deliver(delivery(sample("plain", number: number), number: number)) }
      #expect(try await axis.received(far.code.text).count == 12)
    }

    @Test func `the same delivery twice is one item, with the same stamp`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      var attempt = delivery(sample("quirky"))
      let first = try await outbound.deliver(attempt)
      attempt.attempt = 2
      #expect(try await outbound.deliver(attempt).reference == first.reference)
      let arrival = try #require(try await axis.received().first)
      #expect(try await axis.received().count == 1)
      let message = try EdXMLReader.inspect(BytesReader(try await axis.body(arrival.docId)))
      #expect(message.traceHeaders.last?.organId == "H24.1")
      #expect(message.traceHeaders.last?.timestamp?.text == "2026/11/23 06:59:59")
    }

    @Test func `a status passes without a changed byte`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      let status = sample("status")
      _ = try await outbound.deliver(delivery(status, type: EdXMLMessage.statusType))
      let arrival = try #require(try await axis.received().first)
      #expect(arrival.messageType == "status")
      #expect(try await axis.body(arrival.docId) == status.body)
    }

    @Test func `a document in UTF-16 is written anew and stamped`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      let plain = sample("plain")
      let text = String(decoding: plain.body, as: UTF8.self).replacing(
        "encoding=\"UTF-8\"", with: "encoding=\"UTF-16\"")
      let wide: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
      let sent = SampleMessage(mediaType: "application/xml", body: wide, documentID: plain.documentID)
      _ = try await outbound.deliver(delivery(sent))
      let arrival = try #require(try await axis.received().first)
      let body = try await axis.body(arrival.docId)
      let (before, after) = (
        try EdXMLReader.examine(BytesReader(plain.body)), try EdXMLReader.examine(BytesReader(body))
      )
      #expect(after.fingerprint == before.fingerprint)
      #expect(try EdXMLReader.inspect(BytesReader(body)).traceHeaders.last?.organId == "H24.1")
    }

    @Test func `what is no edXML is rejected before anything is sent`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      let wrong = SampleMessage(mediaType: "application/xml", body: Array("<a/>".utf8), documentID: "x")
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(wrong)) }
      #expect(failure?.verdict == .reject)
      #expect(failure?.code == "not-edxml")
      #expect(axis.server.acceptedCount == 0)
    }

    @Test(arguments: [
      ("empty-body", AdapterError.Verdict.inDoubt, "axis-empty-reply"),
      ("unreadable", .inDoubt, "axis-unreadable-reply"),
      ("unavailable", .outage(after: .seconds(1)), "http-503"),
    ])
    func `a send without an answer is never a success`(
      _ fault: String, _ verdict: AdapterError.Verdict, _ code: String
    ) async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      _ = try await axis.control("POST", "faults", #"{"agency":"\#(far.code)","fault":"\#(fault)"}"#)
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(sample("plain"))) }
      #expect(failure?.verdict == verdict)
      #expect(failure?.code == code)
      // The fault is used up, and whatever the axis had taken before is not taken twice.
      _ = try await outbound.deliver(delivery(sample("plain")))
      #expect(try await axis.received().count == 1)
    }

    @Test(arguments: [
      ("10", AdapterError.Verdict.reject), ("15", .outage(after: nil)), ("20", .retry(after: nil)), ("22", .reject),
      ("23", .retry(after: .seconds(600))), ("777", .retry(after: nil)),
    ])
    func `error codes become verdicts`(_ code: String, _ verdict: AdapterError.Verdict) async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      _ = try await axis.control("POST", "faults", #"{"agency":"*","fault":"error-code","code":"\#(code)"}"#)
      let failure = await error { () throws(AdapterError) in try await outbound.deliver(delivery(sample("plain"))) }
      #expect(failure?.verdict == verdict)
      #expect(failure?.code == "axis-\(code)")
    }

    @Test func `a slow axis is waited for by the clock`() async throws {
      let axis = try Axis()
      let outbound = try parts(url: axis.server.url).outbound
      _ = try await axis.control("POST", "faults", #"{"agency":"*","fault":"slow","milliseconds":60000}"#)
      async let reply = outbound.deliver(delivery(sample("plain")))
      await axis.clock.waitForSleepers(1)
      axis.clock.advance(by: .seconds(60))
      #expect(try await reply.code == "0")
    }

    @Test func `agencies register, and are listed with their old codes`() async throws {
      let axis = try Axis()
      let client = try axis.client()
      try await client.registerAgency(AxisAgency(code: "H24.12.3", name: "Phòng Văn thư"))
      let listed = try await client.agencies()
      #expect(
        listed.first { $0.code == "H24.12.3" }?.code102 == "003.12.00.H24" || listed.contains { $0.code102 != nil })
      #expect(listed.first { $0.code == "H24.12.3" }?.name == "Phòng Văn thư")
      _ = try await axis.send(sample("plain", from: far, to: [sender]).body, to: ["H24.12.3"])
      #expect(try await client.list(.edoc, pageSize: 10).map(\.to) == ["H24.12.3"])
    }

    @Test func `offices pick up documents and answer each once`() async throws {
      let axis = try Axis()
      _ = try await axis.control("POST", "offices", #"{"codes":["000.00.15.H24"],"statuses":["01","03"]}"#)
      let outbound = try parts(url: axis.server.url).outbound
      let document = sample("plain")
      _ = try await outbound.deliver(delivery(document))
      _ = try await axis.control("POST", "tick")
      _ = try await axis.control("POST", "tick")
      let client = try axis.client()
      let statuses = try await client.list(.status, pageSize: 10)
      #expect(statuses.map(\.to) == [sender.code.text, sender.code.text])
      var codes: [String?] = []
      for item in statuses {
        let fetched = try await client.fetch(item.docId, into: MemoryBodyStore())
        guard case .inline(let bytes) = fetched.body else { throw TestFailure("not in memory") }
        let examination = try EdXMLReader.examine(BytesReader([UInt8](bytes)))
        #expect(examination.receivers == [sender.code.text])
        #expect(examination.subject == document.documentID)
        codes.append(try EdXMLReader.inspect(BytesReader([UInt8](bytes))).statusCode)
      }
      #expect(codes == ["01", "03"])
      #expect(try await axis.received(far.code.text).map(\.acknowledged) == [true])
    }

    @Test func `a system is added by the control interface`() async throws {
      let axis = try Axis()
      _ = try await axis.control(
        "POST", "systems", #"{"systemId":"new","secret":"new-key","agencies":[{"code":"H24.77","name":"Mới"}]}"#)
      _ = try await axis.send(sample("plain", from: far).body, to: ["H24.77"])
      #expect(try await axis.client(system: "new", secret: "new-key").list(.edoc, pageSize: 5).count == 1)
    }

    @Test func `arrivals show the digest of their bytes`() async throws {
      let axis = try Axis()
      let document = sample("plain", from: far, to: [sender])
      _ = try await axis.send(document.body)
      let arrival = try #require(try await axis.received(sender.code.text).first)
      #expect(arrival.sha256 == SHA256.hash(data: document.body).map { String(format: "%02x", $0) }.joined())
      #expect(arrival.documentId == document.documentID)
      #expect(arrival.at == axis.clock.now.description)
    }
  }
}
