import EdXMLWire
import Foundation
import HubKit
import Synchronization
import Testing

/// Messages that are large on purpose.
@Suite(.serialized) struct LargeInputTests {
  /// Gives a beginning, and then the same bytes over and over, up to a length.
  private final class EndlessReader: BodyReader {
    private let filling: [UInt8]
    private let state: Mutex<(beginning: [UInt8], left: Int)>

    init(_ beginning: String, filling: String, byteCount: Int) {
      self.filling = Array(String(repeating: filling, count: 65_536 / filling.utf8.count).utf8)
      state = Mutex((Array(beginning.utf8), byteCount))
    }

    /// What was not asked for.
    var left: Int { state.withLock { $0.left } }

    func read(upTo count: Int) throws(BodyError) -> [UInt8] {
      state.withLock { state in
        let given = state.beginning.isEmpty ? Array(filling.prefix(min(count, state.left))) : state.beginning
        if state.beginning.isEmpty { state.left -= given.count } else { state.beginning = [] }
        return given
      }
    }
  }

  private func rule(_ reader: EndlessReader, _ limits: CodecLimits) -> String? {
    do { _ = try EdXMLReader.inspect(reader, limits: limits) } catch { return error.violations.first?.rule }
    return nil
  }

  @Test func `a gigabyte in one attachment is read no further than the limit`() {
    let whole = document(attachments: attachment("@"))
    let beginning = String(whole.prefix { $0 != "@" })
    let reader = EndlessReader(beginning, filling: "AAAA", byteCount: 1 << 30)
    #expect(rule(reader, CodecLimits(attachmentBytesMax: 4 << 20)) == "attachment-too-large")
    #expect(reader.left > (1 << 30) - (8 << 20))
  }

  @Test func `a gigabyte in one element of the header is read no further than a megabyte or two`() {
    let whole = document(header: "<Subject>@</Subject>")
    let reader = EndlessReader(String(whole.prefix { $0 != "@" }), filling: "văn bản ", byteCount: 1 << 30)
    #expect(rule(reader, CodecLimits()) == "xml-text-too-long")
    #expect(reader.left > (1 << 30) - (3 << 20))
  }

  @Test func `ten thousand attachments are counted or refused by their markup, within seconds`() throws {
    let one = "<Attachment><ContentTransferEncoded>JVBERg==</ContentTransferEncoded></Attachment>"
    let text = document(
      attachments: "<AttachmentEncoded>\(String(repeating: one, count: 10_000))</AttachmentEncoded>")
    let begin = ContinuousClock.now
    do {
      #expect(try EdXMLReader.examine(BytesReader(Array(text.utf8))).attachmentCount == 10_000)
    } catch {
      #expect(error.violations.first?.rule == "xml-text-too-long")
    }
    #expect(ContinuousClock.now - begin < .seconds(60))
  }

  @Test(arguments: ["Công văn số 12.pdf", "[TèI MËT] ke hoach.doc", "[TOÁI MAÄT] ke hoach.doc", "[MẬT] thư.pdf"])
  func `names of attachments may be composed, decomposed or in an old code`(_ name: String) throws {
    for name in [name, name.decomposedStringWithCanonicalMapping] {
      let text = document(
        attachments: "<AttachmentEncoded><Attachment><AttachmentName>\(name)</AttachmentName></Attachment>"
          + "</AttachmentEncoded>")
      let marks = try EdXMLReader.examine(BytesReader(Array(text.utf8))).secretMarks
      #expect(marks.map(\.place) == (name.hasPrefix("[") ? ["AttachmentName"] : []))
      #expect(try read(text).attachmentReferences.first?.attachmentName == name)
    }
  }
}
