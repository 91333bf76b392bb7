import EdXMLWire
import Foundation
import HubKit
import Testing

// One at a time: these compute all the while, and would keep threads from tests of other rooms that wait.
@Suite(.serialized) struct SecretMarkerTests {
  private func marker(_ header: String) throws -> String? {
    try EdXMLReader.examine(BytesReader(Array(document(header: header).utf8))).secretMarks.first?.description
  }

  @Test(arguments: [
    "<Security>Mật</Security>", "<SecurityLevel>TỐI MẬT</SecurityLevel>", "<DoMat> tuyệt mật </DoMat>",
    "<DoMat>Độ mật: Tối mật</DoMat>", "<Classification>Tuyet mat</Classification>", "<DoMat>MAT</DoMat>",
    "<OtherInfo><SphereOfPromulgation>Mật</SphereOfPromulgation></OtherInfo>",
    "<OtherInfo><Appendixes><Appendix>Độ mật: Mật</Appendix></Appendixes></OtherInfo>",
    "<Subject>[MẬT] V/v kế hoạch</Subject>", "<Subject>(Tối mật) Báo cáo</Subject>",
    "<Subject>TUYỆT MẬT - Phương án</Subject>", "<Subject>Mật: phương án</Subject>",
    "<Subject>Kế hoạch phòng thủ (Mật)</Subject>", "<Content>Độ mật : Tuyệt mật. Nội dung</Content>",
    "<Subject do='1' DoMat='Mật'>x</Subject>", "<Subject>Mức độ mật Tối mật</Subject>",
    "<Subject>TOI MAT - Ke hoach</Subject>", "<Subject>[MAT] Bao cao</Subject>", "<Subject>MËT</Subject>",
    "<Subject>TOÁI MAÄT: kế hoạch</Subject>",
  ])
  func `marks are found`(_ header: String) throws {
    #expect(try marker(header) != nil)
    let decomposed = header.decomposedStringWithCanonicalMapping
    #expect(decomposed.utf8.count != header.utf8.count || header.allSatisfy(\.isASCII))
    #expect(try marker(decomposed) != nil)
  }

  @Test(arguments: [
    "V/v bảo mật thông tin", "Đổi mật khẩu tài khoản", "Mật độ dân số các phường", "Bí mật kinh doanh",
    "Danh mục bí mật nhà nước độ Tối mật", "Mật ong rừng", "Quy chế bảo vệ bí mật nhà nước", "MẬT KHẨU MỚI",
    "Hội nghị mật thiết", "Xác định độ mật của tài liệu", "Độ mật: không", "Tăng cường công tác cơ mật, mật mã",
    "[Bảo mật] V/v tập huấn", "(mật độ cao)", "Tài liệu tối mật là gì", "Thường", "format", "Mat",
  ])
  func `words that only sound like it are none`(_ text: String) throws {
    #expect(try marker("<Subject>\(text)</Subject>") == nil)
    #expect(try marker("<OtherInfo><SphereOfPromulgation>\(text)</SphereOfPromulgation></OtherInfo>") == nil)
  }

  @Test(arguments: ["Thường", "Không", "0", "Bình thường", "Độ mật: không", ""])
  func `a field for the degree may say that there is none`(_ text: String) throws {
    #expect(try marker("<DoMat>\(text)</DoMat>") == nil)
  }

  @Test func `a person may be called that`() throws {
    #expect(try marker("<SignerInfo><FullName>Mật</FullName></SignerInfo>") == nil)
    #expect(try marker("<StaffInfo><Staff>Mật</Staff></StaffInfo>") == nil)
  }

  @Test func `the mark names its element and nothing else of the content`() throws {
    #expect(try marker("<Subject>[TỐI MẬT] V/v phương án ABC</Subject>") == "Subject: tối mật")
  }

  @Test func `an attachment's name can bear the mark`() throws {
    let text = document(
      attachments: "<AttachmentEncoded><Attachment><AttachmentName>[MẬT] phuong an.pdf</AttachmentName></Attachment>"
        + "</AttachmentEncoded>")
    #expect(
      try EdXMLReader.examine(BytesReader(Array(text.utf8))).secretMarks.first?.description == "AttachmentName: mật")
  }
}
