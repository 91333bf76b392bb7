import EdXMLWire
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct TraceStampTests {
  private static let time = Timestamp(seconds: 1_795_391_999)  // 2026-11-22T23:59:59Z
  private static let namespace = EdXMLStandard.namespace

  private func stamp(_ bytes: [UInt8], pieces: [Int] = [4096]) throws -> [UInt8] {
    let plan = try TraceStamp.scan(PiecesReader(bytes, lengths: pieces), organisation: "H24.1", time: Self.time)
    let stamped = try SplicedReader(PiecesReader(bytes, lengths: pieces), plan).rest(limit: .max)
    #expect(stamped.count == bytes.count + plan.growth)
    return stamped
  }

  @Test func `the time is that of Vietnam`() {
    #expect(TraceStamp.text(of: Self.time) == "2026/11/23 06:59:59")
  }

  @Test(arguments: [
    ("", ["H24.1"]),
    ("<TraceHeaderList></TraceHeaderList>", ["H24.1"]),
    ("<TraceHeaderList  />", ["H24.1"]),
    ("<TraceHeaderList><Bussiness/></TraceHeaderList>", ["H24.1"]),
    ("<TraceHeaderList><TraceHeader><OrganId>A</OrganId></TraceHeader><Bussiness/></TraceHeaderList>", ["A", "H24.1"]),
    (
      "<t:TraceHeaderList xmlns:t='\(EdXMLStandard.namespace)'><t:TraceHeader><t:OrganId>A</t:OrganId></t:TraceHeader>"
        + "<t:TraceHeader><t:OrganId>B</t:OrganId></t:TraceHeader ></t:TraceHeaderList>", ["A", "B", "H24.1"]
    ),
    (
      "<TraceHeaderList><u:TraceHeader xmlns:u='urn:u'><u:OrganId>A</u:OrganId></u:TraceHeader></TraceHeaderList>",
      ["A", "H24.1"]
    ),
    ("<x:TraceHeaderList xmlns:x='urn:x'/>", ["H24.1"]),
  ])
  func `the new header is the last, in the names that are in scope there`(_ list: String, _ codes: [String]) throws {
    let bytes = Array(document(header: "<Subject>Đổi mới</Subject>", list: list).utf8)
    let before = try EdXMLReader.inspect(BytesReader(bytes))
    for pieces in [[1], [4096], [3, 50]] {
      let after = try EdXMLReader.inspect(BytesReader(try stamp(bytes, pieces: pieces)))
      #expect(after.traceHeaders.map(\.organId) == codes)
      #expect(after.traceHeaders.last?.timestamp?.text == "2026/11/23 06:59:59")
      #expect(after.messageHeader == before.messageHeader)
      let headers = try #require(after.traceHeaderList?.all("TraceHeader"))
      let kept = before.traceHeaderList?.all("TraceHeader") ?? []
      #expect(Array(headers.dropLast()) == kept)
      #expect(headers.last?.name.namespace == (kept.last ?? after.traceHeaderList)?.name.namespace)
      #expect(after.fingerprint == before.fingerprint)
    }
  }

  @Test func `every other byte stays where it was`() throws {
    let bytes = try fixture("document.edxml")
    let plan = try TraceStamp.scan(BytesReader(bytes), organisation: "H24.1", time: Self.time)
    let stamped = try stamp(bytes)
    #expect(Array(stamped[..<plan.offset]) == Array(bytes[..<plan.offset]))
    #expect(Array(stamped[(plan.offset + plan.insertion.count)...]) == Array(bytes[plan.offset...]))
    #expect(String(decoding: bytes[..<plan.offset], as: UTF8.self).hasSuffix("</edXML:TraceHeader>"))
  }

  @Test func `a long header does not move the place`() throws {
    let notes = (0..<4000).map { "<Note>ghi chú số \($0) — đã xem\r\n</Note><!-- \($0) -->" }.joined()
    let text = document(
      header: notes, list: "<TraceHeaderList><TraceHeader><OrganId>A</OrganId></TraceHeader></TraceHeaderList>")
    for bytes in [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8)] {
      let plan = try TraceStamp.scan(PiecesReader(bytes, lengths: [1000, 77]), organisation: "H24.1", time: Self.time)
      #expect(String(decoding: bytes[..<plan.offset], as: UTF8.self).hasSuffix("</TraceHeader>"))
    }
  }

  @Test func `two stamps at different hubs leave the fingerprint alone`() throws {
    let bytes = try fixture("document.edxml")
    let twice = try stamp(try stamp(bytes))
    let (first, last) = (try EdXMLReader.examine(BytesReader(bytes)), try EdXMLReader.examine(BytesReader(twice)))
    #expect(first.fingerprint == last.fingerprint)
  }

  @Test func `a document that is not in UTF-8 is not spliced`() throws {
    let text = document(prolog: "<?xml version='1.0' encoding='UTF-16'?>")
    let bytes: [UInt8] = [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    do {
      _ = try TraceStamp.scan(BytesReader(bytes), organisation: "H24.1", time: Self.time)
      Issue.record("it was spliced")
    } catch {
      #expect(error.violations.first?.rule == "xml-encoding")
    }
  }

  @Test func `what is no edXML gets no stamp`() {
    #expect(throws: InvalidMessage.self) {
      try TraceStamp.scan(BytesReader(Array("<a/>".utf8)), organisation: "H24.1", time: Self.time)
    }
  }

  @Test func `a body that changed since the scan is damaged`() throws {
    let plan = TraceStamp.Plan(offset: 10, insertion: [1])
    #expect(throws: BodyError.self) { try SplicedReader(BytesReader([1, 2, 3]), plan).rest(limit: .max) }
  }
}
