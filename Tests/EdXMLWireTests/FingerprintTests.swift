import EdXMLWire
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct FingerprintTests {
  private func fingerprint(_ text: String) throws -> [UInt8] {
    try #require(try EdXMLReader.examine(BytesReader(Array(text.utf8))).fingerprint)
  }

  @Test func `hops, layout, prefixes and base64 lines do not count`() throws {
    let plain = document(header: "<Subject>x</Subject>", attachments: attachment("JVBERi0xJVBERi0x"))
    let other = """
      <?xml version="1.0"?>
      <q:edXML xmlns:q="\(EdXMLStandard.namespace)">
        <q:edXMLEnvelope><q:edXMLHeader><!-- hop --><q:MessageHeader>
        <q:From><q:OrganId>H24.1</q:OrganId></q:From><q:To><q:OrganId>H24.2</q:OrganId></q:To>
        <q:DocumentId>d-1</q:DocumentId><q:Subject><![CDATA[x]]></q:Subject></q:MessageHeader>
        <q:TraceHeaderList><q:TraceHeader><q:OrganId>H1</q:OrganId></q:TraceHeader></q:TraceHeaderList>
        </q:edXMLHeader></q:edXMLEnvelope>
        <q:AttachmentEncoded><q:Attachment><q:ContentId>cid:1</q:ContentId>
        <q:ContentType>application/pdf</q:ContentType><q:ContentTransferEncoded>
          JVBERi0x
          JVBERi0x
        </q:ContentTransferEncoded></q:Attachment></q:AttachmentEncoded>
      </q:edXML>
      """
    #expect(try fingerprint(plain) == fingerprint(other))
    #expect(try fingerprint(plain).count == 32)
  }

  @Test(arguments: [
    ("<Subject>x</Subject>", "JVBERi0x", "<Subject>y</Subject>", "JVBERi0x"),
    ("<Subject>x</Subject>", "JVBERi0x", "<Subject>x </Subject>", "JVBERi0x"),
    ("<Subject>x</Subject>", "JVBERi0x", "<Subject a='1'>x</Subject>", "JVBERi0x"),
    ("<Subject>x</Subject>", "JVBERi0x", "<Subject>x</Subject>", "JVBERi0y"),
    ("<A>x</A><B/>", "JVBERi0x", "<A/><B>x</B>", "JVBERi0x"),
    ("<A><B/></A>", "JVBERi0x", "<A/><B/>", "JVBERi0x"),
  ])
  func `everything else counts`(_ header: String, _ data: String, _ otherHeader: String, _ otherData: String) throws {
    #expect(
      try fingerprint(document(header: header, attachments: attachment(data)))
        != fingerprint(document(header: otherHeader, attachments: attachment(otherData))))
  }

  @Test func `what a sender says beside the trace headers counts`() throws {
    let list = { (type: String) in
      "<TraceHeaderList><Bussiness><BussinessDocType>\(type)</BussinessDocType></Bussiness></TraceHeaderList>"
    }
    #expect(try fingerprint(document(list: list("0"))) != fingerprint(document(list: list("1"))))
  }
}
