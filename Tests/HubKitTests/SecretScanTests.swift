import Foundation
import HubKit
import Testing

struct SecretScanTests {
  private func degree(_ text: String, _ kind: SecretScan.Kind) -> String? {
    SecretScan.marks(in: text, as: kind, at: "x").first?.degree
  }

  @Test(arguments: [
    ("MẬT", "mật"), ("TỐI MẬT", "tối mật"), ("TUYỆT MẬT", "tuyệt mật"), ("MAT", "mật"), ("TOI MAT", "tối mật"),
    ("TUYET MAT", "tuyệt mật"), ("[MẬT]", "mật"), ("(Tối mật)", "tối mật"), ("- MẬT -", "mật"),
    ("*** TỐI MẬT ***", "tối mật"),
    ("Độ mật: Mật", "mật"), ("ĐỘ MẬT: TỐI MẬT", "tối mật"),
    ("Độ mật: Tuyệt mật. Nội dung kế hoạch như sau", "tuyệt mật"),
    ("Do mat: Mat", "mật"), ("M Ậ T", "mật"), ("T Ố I  M Ậ T", "tối mật"), ("T U Y Ệ T M Ậ T", "tuyệt mật"),
    ("ỦY BAN NHÂN DÂN\nMẬT\nSố: 12/KH-UBND", "mật"), ("ỦY BAN NHÂN DÂN      TỐI MẬT\nSố: 12", "tối mật"),
    ("TUYỆT\nMẬT", "tuyệt mật"), ("TỐI\nMẬT", "tối mật"), ("MËT", "mật"), ("mËt", "mật"), ("TèI MËT", "tối mật"),
    ("TUYÖT MËT", "tuyệt mật"), ("MAÄT", "mật"), ("TOÁI MAÄT", "tối mật"), ("TUYEÄT MAÄT", "tuyệt mật"),
    ("Kính gửi: Sở Nội vụ\r\nMẬT\r\nVề việc", "mật"),
  ])
  func `stamps in running text`(_ text: String, _ wanted: String) {
    #expect(degree(text, .content) == wanted)
    #expect(degree(text.decomposedStringWithCanonicalMapping, .content) == wanted)
    #expect(degree(text.precomposedStringWithCanonicalMapping, .content) == wanted)
  }

  @Test(arguments: [
    "bí mật gia truyền", "BÍ MẬT GIA TRUYỀN", "bảo mật", "BẢO MẬT", "mật ong", "MẬT ONG", "mật khẩu", "Mật", "mật",
    "Mat",
    "mat", "Tối mật", "tuyệt mật", "BẢO VỆ BÍ MẬT NHÀ NƯỚC", "QUY ĐỊNH VỀ BẢO VỆ BÍ\nMẬT NHÀ NƯỚC",
    "QUY CHẾ BẢO VỆ BÍ\nMẬT",
    "BẢO\nMẬT", "CƠ\nMẬT", "Danh mục bí mật nhà nước độ Tối mật", "Văn bản (Tối mật) được gửi riêng cho từng nơi nhận",
    "Độ mật: Mật, Tối mật, Tuyệt mật", "Độ mật: không", "Xác định độ mật của tài liệu", "Nguyễn Văn Mật",
    "MẬT ĐỘ DÂN SỐ",
    "Trịnh Thị Mật\nChủ tịch", "MAT KHAU", "FORMAT", "TOI", "tối nay, mật độ xe cao",
    "Tài liệu thuộc độ TỐI MẬT thì gửi riêng",
    "MẬT MÃ", "Cục Cơ yếu - Mật mã", "ĐƯỜNG MẬT", "Tối\nMật", "T Ố I", "",
  ])
  func `words in running text`(_ text: String) {
    #expect(degree(text, .content) == nil)
    #expect(degree(text.decomposedStringWithCanonicalMapping, .content) == nil)
  }

  @Test(arguments: [
    ("[MẬT] phuong an.pdf", "mật"), ("MAT_phuong_an.pdf", "mật"), ("TOI_MAT_ke_hoach.docx", "tối mật"),
    ("TỐI MẬT.pdf", "tối mật"), ("thu muc/MẬT - bao cao.pdf", "mật"), ("(Tuyệt mật) phu luc.xlsx", "tuyệt mật"),
    ("bao cao [MAT].pdf", "mật"),
  ])
  func `names of files`(_ name: String, _ wanted: String) {
    #expect(degree(name, .name) == wanted)
    #expect(degree(name.decomposedStringWithCanonicalMapping, .name) == wanted)
  }

  @Test(arguments: [
    "mat_khau.pdf", "Quy che bao mat.pdf", "MAT_KHAU_MOI/a.pdf", "format.pdf", "Mật ong.pdf", "MẬT KHẨU.pdf",
    "bao_mat.pdf",
    "MAT_KHAU_2026.pdf",
  ])
  func `names of other files`(_ name: String) {
    #expect(degree(name, .name) == nil)
  }

  @Test func `a mark shows its place and never its text`() throws {
    let mark = try #require(SecretScan.marks(in: "[TỐI MẬT] Phương án ABC", as: .title, at: "Subject").first)
    #expect(mark.description == "Subject: tối mật")
    #expect(mark.text == "[TỐI MẬT] Phương án ABC")
  }

  @Test func `a long line costs no more than its beginning`() {
    let long = "Độ mật: Mật. " + String(repeating: "nội dung ", count: 100_000)
    #expect(degree(long, .content) == "mật")
    #expect(degree(String(repeating: "MẬT ", count: 100_000), .content) == nil)
  }
}
