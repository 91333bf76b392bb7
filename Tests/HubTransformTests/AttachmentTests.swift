import Foundation
import HubKit
import HubTesting
import Testing

@testable import HubTransform

// One at a time: each starts tools, and would keep processors from tests of other rooms that wait.
@Suite(.serialized) struct AttachmentTests {
  private func inspect(_ files: [[UInt8]], _ limits: InspectionLimits = InspectionLimits()) throws
    -> [AttachmentInspection]
  {
    try AttachmentInspector(limits: limits).inspect(files.map { .inline($0) }, in: MemoryBodyStore())
  }

  private func one(_ file: [UInt8]) throws -> AttachmentInspection { try #require(try inspect([file]).first) }

  private static let letter = "ỦY BAN NHÂN DÂN TỈNH\nSố: 12/KH-UBND\nTUYỆT MẬT\nKẾ HOẠCH\nBảo vệ bí mật nhà nước"

  @Test(arguments: [letter, letter.decomposedStringWithCanonicalMapping])
  func `a stamp in the text layer is found with its page`(_ text: String) throws {
    let pdf = SampleFile.pdf([.text("Trang đầu, không có dấu"), .text(text)])
    let result = try one(pdf)
    #expect(result.kind == "application/pdf")
    #expect(result.marks.map(\.description) == ["attachment 1, page 2: tuyệt mật"])
    #expect(result.violations.isEmpty && result.unseen.isEmpty)
  }

  @Test func `stamps in TCVN3 and VNI, which look like Latin letters`() throws {
    for stamp in ["TuyÖt mËt", "TUYÖT MËT", "TOÁI MAÄT"] {
      let pdf = SampleFile.pdf([.text("Céng hßa\n\(stamp)\nKÕ ho¹ch")])
      #expect(try one(pdf).marks.count == 1, "\(stamp)")
    }
  }

  @Test func `a text about secrets is none`() throws {
    let text = "THÔNG TƯ\nQUY ĐỊNH VỀ BẢO VỆ BÍ\nMẬT NHÀ NƯỚC\nVăn bản độ Tối mật gửi riêng. Bí mật gia truyền."
    #expect(try one(SampleFile.pdf([.text(text)])).marks.isEmpty)
  }

  @Test func `a scanned page is said, a page with words is not`() throws {
    let long = String(repeating: "Văn bản có lớp chữ đầy đủ.\n", count: 12)
    let pdf = SampleFile.pdf([.text("Một dòng"), .scan("trang 2"), .scan(long), .scan("")])
    let unseen = try one(pdf).unseen
    #expect(unseen.map(\.rule) == [AttachmentInspection.unseenRule])
    #expect(unseen.first?.message == "2 scanned page(s) without text: 2, 4")
  }

  @Test func `an archive around a PDF file is looked into`() throws {
    let pdf = SampleFile.pdf([.text(Self.letter)])
    let zip = SampleFile.zip([.init("van ban.pdf", pdf)])
    let result = try one(zip)
    #expect(result.kind == "application/zip")
    #expect(result.marks.map(\.place) == ["attachment 1, entry 1, page 1"])
    let nested = SampleFile.zip([.init("a.txt", Array("x".utf8)), .init("b.zip", zip)])
    #expect(try one(nested).marks.map(\.place) == ["attachment 1, entry 2, entry 1, page 1"])
  }

  @Test func `names of entries bear marks too`() throws {
    let zip = SampleFile.zip([.init("thu muc/[MẬT] ke hoach.txt".decomposedStringWithCanonicalMapping, Array("x".utf8))]
    )
    #expect(try one(zip).marks.map(\.description) == ["attachment 1, entry 1: mật"])
  }

  @Test func `names and texts in TCVN3 are bytes that are no UTF-8`() throws {
    var entry = SampleFile.Entry("", Array("x".utf8))
    entry.name = Array("[TèI MËT] ke hoach.txt".unicodeScalars.map { UInt8($0.value) })
    #expect(try one(SampleFile.zip([entry])).marks.map(\.description) == ["attachment 1, entry 1: tối mật"])
    let text = "Céng hßa\nTUYÖT MËT\n".unicodeScalars.map { UInt8($0.value) }
    #expect(try one(text).marks.map(\.degree) == ["tuyệt mật"])
  }

  @Test(arguments: [
    "../../etc/passwd", "a/../../b", "/etc/passwd", "C:\\Windows\\a.dll", "..\\..\\a", "\\\\server\\a", "a\0.pdf",
  ])
  func `names that lead elsewhere are refused`(_ name: String) throws {
    for zip in [
      SampleFile.zip([.init(name, [1])]), SampleFile.zip([.init("good.pdf", [1], localName: name)]),
    ] {
      let violation = try #require(try one(zip).violations.first)
      #expect(violation.rule == "archive-path")
      #expect(violation.path == "attachment 1, entry 1")
      #expect(!violation.description.contains("passwd"))
    }
  }

  @Test(arguments: ["a/b/c.pdf", "..a/b", "a..b", "Công văn số 1..2.pdf", "c:"])
  func `other names pass`(_ name: String) throws {
    #expect(ArchiveRules.escapes(Array(name.utf8)) == (name == "c:"))
  }

  @Test func `bombs are refused before anything is unpacked`() throws {
    let large = SampleFile.zip([.init("a", [0], saidLength: 100 << 20)])
    #expect(try one(large).violations.map(\.rule) == ["archive-bomb"])
    let many = SampleFile.zip((0..<40).map { .init("\($0)", [0], saidLength: 3 << 20) })
    #expect(try one(many).violations.map(\.rule) == ["archive-bomb"])
    var nested = SampleFile.zip([.init("a.txt", Array("x".utf8))])
    for _ in 0..<4 { nested = SampleFile.zip([.init("a.zip", nested)]) }
    #expect(try one(nested).violations.map(\.rule) == ["archive-nested"])
  }

  @Test func `what is closed is said`() throws {
    let encrypted = SampleFile.zip([.init("a.pdf", [1, 2, 3], isEncrypted: true)])
    #expect(try one(encrypted).unseen.map(\.message) == ["ZIP: encrypted"])
    #expect(try one(Array("%PDF-1.4 and nothing".utf8)).unseen.map(\.message) == ["PDF: damaged"])
    #expect(try one([0x89] + Array("PNG\r\n....".utf8)).unseen.map(\.message) == ["image/png is not looked into"])
    #expect(try one([0xD0, 0xCF, 0x11, 0xE0, 1, 2]).kind == "application/x-ole-storage")
  }

  @Test func `word processors' files are read`() throws {
    let xml =
      "<w:document><w:body><w:p><w:r><w:t>ỦY BAN</w:t></w:r></w:p><w:p><w:r><w:t>TỐI </w:t></w:r><w:r><w:t>MẬT</w:t>"
      + "</w:r></w:p><w:p><w:r><w:t>bí mật gia truyền</w:t></w:r></w:p></w:body></w:document>"
    let docx = SampleFile.zip([
      .init("[Content_Types].xml", Array("<Types/>".utf8)), .init("word/document.xml", Array(xml.utf8)),
    ])
    #expect(try one(docx).marks.map(\.description) == ["attachment 1: tối mật"])
  }

  @Test func `each attachment has its result, within the limits of all`() throws {
    let pdf = SampleFile.pdf([.text("Một trang")])
    let results = try inspect([pdf, Array("text".utf8), Array("MẬT".utf8)])
    #expect(results.map(\.number) == [1, 2, 3])
    #expect(results.map(\.marks.count) == [0, 0, 1])
    let late = try inspect([pdf, pdf], InspectionLimits(timeMax: .zero))
    #expect(late.allSatisfy { $0.unseen.first?.message == "no time was left to look into it" })
    let large = try inspect([[UInt8](repeating: 65, count: 2000)], InspectionLimits(fileBytesMax: 1000))
    #expect(large.first?.unseen.count == 1)
  }

  @Test func `ten thousand attachments come to an end`() throws {
    let results = try inspect((0..<10_000).map { _ in Array("MẬT ong".utf8) })
    #expect(results.count == 10_000)
    #expect(results.allSatisfy { $0.marks.isEmpty })
  }
}
