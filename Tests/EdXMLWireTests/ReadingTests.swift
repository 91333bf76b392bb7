import EdXMLWire
import Foundation
import HubKit
import HubTesting
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct ReadingTests {
  @Test func `a document is read whatever the order, prefix and padding of its parts`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("document.edxml")), into: MemoryBodyStore())
    #expect(message.kind == .document)
    #expect(message.from?.organId == "H24.12")
    #expect(message.from?.organName == "Sở Nội vụ")
    #expect(message.to.map(\.organId) == ["000.00.15.H24", "vxp.saas.03"])
    #expect(message.documentId == "H24.12,2026/11/23,123/SNV-VP")
    #expect(message.notation == "123/SNV-VP")
    #expect(message.promulgationPlace == "Hải Phòng")
    #expect(message.subject == "V/v kế hoạch <2027> & phụ lục")
    #expect(message.priority == 2)
    #expect(message.business == .revoke)
    #expect(message.staff?.staff == "Cán bộ văn thư")
    #expect(message.responseFor.isEmpty)
    #expect(message.signaturePresent)
    #expect(message.manifest.map(\.attachmentName) == ["cong-van.pdf"])
  }

  @Test func `a status is read with a prefix of the sender's own`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("status.edxml")), into: MemoryBodyStore())
    #expect(message.kind == .status)
    #expect(message.statusCode == "03")
    #expect(message.statusDescription == "Đã tiếp nhận")
    #expect(message.responseFor.map(\.documentId) == ["H24.12,2026/11/23,123/SNV-VP"])
    #expect(message.staff?.department == "Văn thư")
    #expect(message.receiverCodes == ["H24.12"])
  }

  @Test func `values keep their padding in the tree`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("document.edxml")), into: MemoryBodyStore())
    #expect(message.messageHeader?.at("From", "OrganId")?.rawText == "\n            H24.12\n          ")
    let unknown = try #require(message.messageHeader?["InternalNote"])
    #expect(unknown.rawText == " Tủ 3 ")
    #expect(unknown.name.namespace == "urn:example:office")
    #expect(unknown.attribute("shelf") == "3")
  }

  @Test func `attachments are decoded and their true kind is seen`() throws {
    let message = try EdXMLReader.read(BytesReader(try fixture("document.edxml")), into: MemoryBodyStore())
    let attachment = try #require(message.attachments.first)
    #expect(attachment.body == .inline(Array("%PDF-1.4\n% synthetic\n".utf8)))
    #expect(attachment.kind == .pdf)
    #expect(attachment.wrapped)
    #expect(message.attachmentReferences.map(\.contentType) == ["application/zip"])
  }

  @Test func `oddities become notes and stop nothing`() throws {
    let examination = try EdXMLReader.examine(BytesReader(try fixture("document.edxml")))
    #expect(
      Set(examination.notes.map(\.rule)) == [
        "edxml-date", "edxml-empty-response-for", "edxml-signature-unverified", "edxml-content-type",
      ])
    #expect(
      examination.notes.first { $0.rule == "edxml-date" }?.path
        == "edXMLHeader/MessageHeader/PromulgationInfo/PromulgationDate")
  }

  @Test func `an impossible day inside a document's id is noted`() throws {
    let header = "<ResponseFor><DocumentId>000.00.00.G22,2014/02/30,7806/VP</DocumentId></ResponseFor>"
    let notes = try EdXMLReader.examine(BytesReader(Array(document(header: header).utf8))).notes
    #expect(notes.map(\.rule) == ["edxml-date"])
    #expect(notes.first?.path == "edXMLHeader/MessageHeader/ResponseFor/DocumentId")
  }

  @Test func `the door learns who sends what to whom`() throws {
    let document = try EdXMLReader.examine(BytesReader(try fixture("document.edxml")))
    #expect(document.type == "vn.gov.edoc.document")
    #expect(document.sender == "H24.12")
    #expect(document.receivers == ["000.00.15.H24", "vxp.saas.03"])
    #expect(document.subject == "H24.12,2026/11/23,123/SNV-VP")
    #expect(document.businessKeys.map(\.name) == ["document", "notation"])
    let status = try EdXMLReader.examine(BytesReader(try fixture("status.edxml")))
    #expect(status.type == "vn.gov.edoc.status")
    #expect(status.receivers == ["H24.12"])
    #expect(status.businessKeys.first == BusinessKey(name: "document", value: "H24.12,2026/11/23,123/SNV-VP"))
  }

  @Test(arguments: [[1], [2, 3], [7], [1, 64], [4096, 1]])
  func `it does not matter in which pieces the bytes come`(_ lengths: [Int]) throws {
    let bytes = try fixture("document.edxml")
    let whole = try EdXMLReader.read(BytesReader(bytes), into: MemoryBodyStore())
    let pieces = try EdXMLReader.read(PiecesReader(bytes, lengths: lengths), into: MemoryBodyStore())
    #expect(pieces == whole)
  }

  @Test(arguments: ["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"])
  func `other encodings are read`(_ name: String) throws {
    let encodings: [String: String.Encoding] = [
      "UTF-8": .utf8, "UTF-16": .utf16, "ISO-8859-1": .isoLatin1, "windows-1252": .windowsCP1252,
    ]
    let encoding = try #require(encodings[name])
    let text = document(header: "<Subject>Où êtes-vous ?</Subject>", prolog: "<?xml version='1.0' encoding='\(name)'?>")
    let bytes = [UInt8](try #require(text.data(using: encoding)))
    let message = try EdXMLReader.read(BytesReader(bytes), into: MemoryBodyStore())
    #expect(message.subject == "Où êtes-vous ?")
  }

  @Test func `a byte-order mark is no junk`() throws {
    let bytes = [0xEF, 0xBB, 0xBF] + Array(document(prolog: "<?xml version='1.0'?>\n").utf8)
    #expect(try EdXMLReader.inspect(BytesReader(bytes)).documentId == "d-1")
  }

  @Test func `the header alone can be read without looking at the attachments`() throws {
    let text = document(attachments: attachment("this is no base64!"))
    #expect(try EdXMLReader.header(of: BytesReader(Array(text.utf8))).documentId == "d-1")
    #expect(refusal(Array(text.utf8))?.rule == "attachment-base64")
  }

  @Test(arguments: [false, true])
  func `a large attachment passes in pieces, in CDATA too`(_ cdata: Bool) throws {
    var random = SeededRandom(seed: 5)
    let bytes = (0..<200_001).map { _ in UInt8.random(in: 0...255, using: &random) }
    let base64 = String(decoding: Base64Encoder.encode(bytes), as: UTF8.self)
    let message = try read(document(attachments: attachment(cdata ? "<![CDATA[\(base64)]]>" : base64)))
    #expect(message.attachments.map(\.body) == [.inline(bytes)])
  }

  @Test(arguments: [
    ("<edXML xmlns='x'>", true), ("<?xml version='1.0'?>\n<!-- <edXML> -->\n<a:edXML xmlns:a='x'/>", true),
    ("1212<?xml version='1.0'?><edXML>", true), ("<html>", false), ("{\"edXML\":1}", false),
    ("<!-- <edXML> --><other/>", false), ("", false),
  ])
  func `edXML is recognised by its root element`(_ text: String, _ expected: Bool) {
    #expect(EdXMLReader.looksLikeEdXML(Array(text.utf8)) == expected)
  }
}
