import EDocument
import EdXMLWire
import Foundation
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct CodecTests {
  private let codec = EdXMLCodec()
  private let store = MemoryBodyStore()
  private let limits = CodecLimits()

  static let readableKinds = [
    "plain", "zip", "attachments", "quirky", "marked", "signed", "revoke", "update", "replace", "status",
  ]

  @Test(arguments: readableKinds)
  func `what is decoded and encoded is decoded to the same`(_ kind: String) throws {
    let message = sample(kind, number: 2)
    let document = try codec.decode(BytesReader(message.body), into: store, limits: limits)
    let writer = BytesWriter()
    try codec.encode(document, from: store, into: writer, limits: limits)
    let again = try codec.decode(BytesReader(writer.bytes), into: store, limits: limits)
    #expect(String(decoding: again.json, as: UTF8.self) == String(decoding: document.json, as: UTF8.self))
    #expect(again.attachments == document.attachments)
  }

  @Test func `the canonical document has the shape that README shows`() throws {
    let message = sample("quirky", number: 3)
    let document = try codec.decode(BytesReader(message.body), into: store, limits: limits)
    let json = try #require(try JSONSerialization.jsonObject(with: Data(document.json)) as? [String: Any])
    #expect(json["kind"] as? String == "document")
    #expect(json["documentId"] as? String == message.documentID)
    #expect((json["from"] as? [String: Any])?["organId"] as? String == "H24.12")
    #expect((json["to"] as? [[String: Any]])?.map { $0["organId"] as? String } == ["000.00.15.H24"])
    #expect(json["dueDate"] as? String == "2014/02/30")
    #expect((json["subject"] as? String)?.hasSuffix(" & phụ lục <1>") == true)
    #expect((json["promulgationInfo"] as? [String: Any])?["place"] as? String == "Hải Phòng")
    #expect((json["responseFor"] as? [Any])?.count == 2)
    let unknown = try #require((json["_other"] as? [[String: Any]])?.first)
    #expect(unknown["name"] as? String == "InternalNote")
    let attachment = try #require((json["attachments"] as? [[String: Any]])?.first)
    #expect(attachment["index"] as? Int == 0)
    #expect(attachment["mediaType"] as? String == "application/pdf")
    #expect(attachment["byteCount"] as? Int == document.attachments.first?.byteCount)
    #expect((json["manifest"] as? [String: Any])?["@version"] as? String == "1.0")
  }

  @Test func `a mapped document is written in the standard's order`() throws {
    let json = """
      {"subject":"V/v thử","kind":"document","to":[{"organName":"B","organId":"H24.2"}],"from":{"organId":"H24.1"},
       "documentId":"d-9","attachments":[{"index":0,"contentId":"cid:a","attachmentName":"a.bin"}]}
      """
    let writer = BytesWriter()
    try codec.encode(
      Document(json: Array(json.utf8), attachments: [.inline([1, 2, 3])]), from: store, into: writer, limits: limits)
    let message = try EdXMLReader.read(BytesReader(writer.bytes), into: store)
    #expect(message.messageHeader?.children.map(\.name.local) == ["From", "To", "DocumentId", "Subject"])
    #expect(message.attachments.map(\.body) == [.inline([1, 2, 3])])
  }

  @Test(arguments: [
    (#"{"subjekt":"x"}"#, "/subjekt"), (#"{"from":{"organId":{"a":1}}}"#, "/from/organId/a"),
    (#"{"from":"H24"}"#, "/from"), (#"{"attachments":[{"index":4}]}"#, "/attachments/0"), ("[]", ""),
  ])
  func `a member without a place in edXML is named`(_ json: String, _ pointer: String) {
    do {
      try codec.encode(Document(json: Array(json.utf8)), from: store, into: BytesWriter(), limits: limits)
      Issue.record("it was written")
    } catch {
      #expect(error.violations.first?.path == pointer)
    }
  }

  @Test(arguments: EDocumentSamples.kinds)
  func `each sample is recognised, and given the same request is the same`(_ kind: String) {
    let name = String(kind.dropFirst("edocument/".count))
    #expect(codec.recognises(mediaType: nil, prefix: Array(sample(name).body.prefix(4096))))
    #expect(sample(name, number: 7).body == sample(name, number: 7).body)
    #expect(sample(name, number: 7).documentID != sample(name, number: 8).documentID)
  }

  @Test(arguments: readableKinds)
  func `samples pass the door with the id that they are known by`(_ kind: String) throws {
    let message = sample(kind, number: 3, to: [far, receiver])
    let examination = try codec.examine(BytesReader(message.body), limits: limits)
    #expect(examination.subject == message.documentID)
    #expect(examination.sender == "H24.12")
    #expect(examination.secretMarks.isEmpty)
  }

  @Test(arguments: [
    ("malformed", "xml-undeclared-prefix"), ("junk", "xml-junk-before-document"), ("doctype", "dtd-not-allowed"),
  ])
  func `samples that the door must refuse are refused by rule`(_ kind: String, _ rule: String) {
    do {
      _ = try codec.examine(BytesReader(sample(kind).body), limits: limits)
      Issue.record("it passed")
    } catch {
      #expect(error.violations.first?.rule == rule)
    }
  }

  @Test func `a secret sample is found out by its mark`() throws {
    #expect(
      try codec.examine(BytesReader(sample("secret").body), limits: limits).secretMarks.first?.description
        == "Subject: mật")
  }

  @Test func `a canonical document beyond the limit is refused`() {
    #expect(throws: InvalidMessage.self) {
      try codec.decode(BytesReader(sample("plain").body), into: store, limits: CodecLimits(documentBytesMax: 500))
    }
  }
}
