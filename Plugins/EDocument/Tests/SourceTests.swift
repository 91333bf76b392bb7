import EDocument
import EDocumentMock
import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

extension SocketTests {
  @Suite struct SourceTests {
    private func page(_ source: any PollingSource, limit: Int = 50) async throws -> Page {
      try await source.poll(after: nil, limit: limit, bodies: MemoryBodyStore())
    }

    @Test func `documents and statuses come with envelopes filled from content and list`() async throws {
      let axis = try Axis()
      let document = sample("plain", from: far, to: [sender, receiver])
      _ = try await axis.send(document.body, to: [receiver.code.text])
      let status = sample("status", from: far, to: [sender])
      _ = try await axis.send(status.body, type: .status)
      let source = try parts(url: axis.server.url).source
      let page = try await page(source)
      #expect(source.name == "received")
      #expect(page.items.map(\.envelope.type) == [EdXMLMessage.documentType, EdXMLMessage.statusType])
      #expect(page.items.map(\.envelope.subject) == [document.documentID, status.documentID])
      #expect(page.items.map(\.envelope.receivers) == [[receiver.code], [sender.code]])
      #expect(page.items.map(\.envelope.sender) == [far.code, far.code])
      #expect(page.items.map(\.envelope.source) == ["/axis/hub.test", "/axis/hub.test"])
      #expect(page.items.map(\.envelope.id) == page.items.map(\.reference))
      #expect(page.items.map(\.body) == [.inline(document.body), .inline(status.body)])
      #expect(!page.hasMore)
    }

    @Test func `what was not acknowledged comes again, what was does not`() async throws {
      let axis = try Axis()
      for number in 1...3 { _ = try await axis.send(sample("plain", number: number, from: far, to: [sender]).body) }
      let source = try parts(url: axis.server.url).source
      let first = try await page(source, limit: 2)
      #expect(first.items.count == 2)
      #expect(first.hasMore)
      #expect(try await page(source, limit: 2).items.map(\.reference) == first.items.map(\.reference))
      try await source.acknowledge(first, refusals: [:])
      try await source.acknowledge(first, refusals: [:])
      #expect(try await page(source, limit: 2).items.count == 1)
    }

    @Test func `a refusal is told to the axis, a passing one is not`() async throws {
      let axis = try Axis()
      for number in 1...3 { _ = try await axis.send(sample("plain", number: number, from: far, to: [sender]).body) }
      let source = try parts(url: axis.server.url).source
      let page = try await page(source)
      try await source.acknowledge(
        page, refusals: [0: NotAccepted(.secret, "marked as a state secret"), 1: NotAccepted(.full, "no room")])
      #expect(try await axis.received(sender.code.text).map(\.state) == ["fail", "initial", "done"])
    }

    @Test func `the sender of a secret document is told by a status that holds nothing of its content`() async throws {
      let axis = try Axis()
      let secret = sample("secret", from: far, to: [sender])
      _ = try await axis.send(secret.body)
      let source = try parts(url: axis.server.url).source
      let page = try await page(source)
      let refusal = NotAccepted(
        .secret, "marked", violations: [Violation(rule: "secret-mark", message: "Subject: mật")])
      try await source.acknowledge(page, refusals: [0: refusal])
      #expect(try await axis.received(sender.code.text).map(\.state) == ["fail"])
      let told = try #require(try await axis.received(far.code.text).first)
      #expect(told.messageType == "status")
      #expect(told.from == sender.code.text)
      let status = try EdXMLReader.read(BytesReader(try await axis.body(told.docId)), into: MemoryBodyStore())
      let document = try EdXMLReader.read(BytesReader(secret.body), into: MemoryBodyStore())
      #expect(status.statusCode == "02")
      #expect(status.responseFor.first?.documentId == document.documentId)
      #expect(status.statusDescription?.contains("Subject: mật") == true)
      let subject = try #require(document.subject)
      #expect(!String(decoding: try await axis.body(told.docId), as: UTF8.self).contains(subject))
    }

    @Test func `an item that was cut off does not hold up the others and is failed with a diagnosis`() async throws {
      let axis = try Axis()
      for number in 1...2 { _ = try await axis.send(sample("plain", number: number, from: far, to: [sender]).body) }
      _ = try await axis.control("POST", "faults", #"{"agency":"H24.12","fault":"truncated-base64"}"#)
      let source = try parts(url: axis.server.url).source
      let page = try await page(source)
      #expect(page.items.map(\.envelope.type) == [EDocumentSource.malformedType, EdXMLMessage.documentType])
      #expect(page.items.first?.envelope.extensions[EDocumentSource.diagnosisName]?.contains("base64") == true)
      try await source.acknowledge(page, refusals: [0: NotAccepted(.noRoute, "no route takes it")])
      #expect(try await axis.received(sender.code.text).map(\.state) == ["fail", "done"])
    }

    @Test func `bytes that are no valid edXML are handed on for the door to refuse`() async throws {
      let axis = try Axis()
      let text = String(decoding: sample("plain", from: far, to: [sender]).body, as: UTF8.self)
      // Valid as far as the axis looks, broken behind the header.
      let broken = Array(
        text.replacing("</edXML:ContentTransferEncoded>", with: "*</edXML:ContentTransferEncoded>").utf8)
      _ = try await axis.send(broken)
      let source = try parts(url: axis.server.url).source
      let page = try await page(source)
      let item = try #require(page.items.first)
      #expect(item.body == .inline(broken))
      #expect(throws: InvalidMessage.self) { try EdXMLCodec().examine(BytesReader(broken), limits: CodecLimits()) }
      let refusal = NotAccepted(
        .invalid, "the body is no valid edXML",
        violations: [Violation(rule: "attachment-base64", message: "a character", line: 3)])
      try await source.acknowledge(page, refusals: [0: refusal])
      #expect(try await axis.received(sender.code.text).map(\.state) == ["fail"])
    }

    @Test func `a list that names an item twice gives it once`() async throws {
      let axis = try Axis()
      _ = try await axis.send(sample("plain", from: far, to: [sender]).body)
      _ = try await axis.control("POST", "faults", #"{"agency":"H24.12","fault":"duplicate-docid"}"#)
      #expect(try await page(try parts(url: axis.server.url).source).items.count == 1)
    }

    @Test(arguments: [("empty-body", "axis-empty-reply"), ("unreadable", "axis-unreadable-reply")])
    func `a list without an answer is an outage, not nothing`(_ fault: String, _ code: String) async throws {
      let axis = try Axis()
      _ = try await axis.control(
        "POST", "faults", #"{"agency":"H24.12","fault":"\#(fault)","operation":"getReceivedEdocList"}"#)
      let source = try parts(url: axis.server.url).source
      let failure = await error { () throws(AdapterError) in
        try await source.poll(after: nil, limit: 10, bodies: MemoryBodyStore())
      }
      #expect(failure?.verdict == .outage(after: nil))
      #expect(failure?.code == code)
    }

    @Test func `an item that the axis cannot hand out now stays listed`() async throws {
      let axis = try Axis()
      for number in 1...2 { _ = try await axis.send(sample("plain", number: number, from: far, to: [sender]).body) }
      _ = try await axis.control(
        "POST", "faults", #"{"agency":"H24.12","fault":"error-code","code":"20","operation":"getEdoc"}"#)
      let source = try parts(url: axis.server.url).source
      let first = try await page(source)
      #expect(first.items.count == 1)
      try await source.acknowledge(first, refusals: [:])
      #expect(try await page(source).items.count == 1)
    }

    @Test func `large items go to the body store`() async throws {
      let axis = try Axis()
      var message = try EdXMLReader.read(
        BytesReader(sample("plain", from: far, to: [sender]).body), into: MemoryBodyStore())
      message.attachments[0] = EdXMLAttachment(body: .inline([UInt8](repeating: 7, count: 200_000)))
      let writer = BytesWriter()
      try EdXMLWriter.write(message, from: MemoryBodyStore(), into: writer)
      _ = try await axis.send(writer.bytes)
      let item = try #require(try await page(try parts(url: axis.server.url).source).items.first)
      #expect(item.body.byteCount == writer.bytes.count)
      #expect(item.body == .inline(writer.bytes))
    }
  }
}
