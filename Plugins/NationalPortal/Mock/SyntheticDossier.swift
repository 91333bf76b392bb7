internal import FoundationEssentials
internal import HubKit
internal import JSONWire

/// A dossier of nobody, for a portal without citizens. Numbers of persons begin with 999, which no province has.
enum SyntheticDossier {
  /// `yyyyMMddHHmmss` by Vietnam's clocks.
  static func time(_ now: Timestamp) -> String {
    String((now + CalendarDay.offset).description.prefix(19).filter(\.isNumber))
  }

  static func make(number: Int, time: String) -> JSONValue {
    let serial = digits(number, 4)
    let code = "000.00.00.H24-\(time.dropFirst(2).prefix(6))-\(serial)"
    let file = Data("Bản khai thử nghiệm số \(serial)\n".utf8).base64EncodedString()
    return .object([
      "MaHoSo": .text(code), "MaTTHC": .text("2.000477"), "TenTTHC": .text("Thủ tục thử nghiệm"),
      "KenhThucHien": .text("2"), "ChuHoSo": .text("Người Thử Nghiệm \(number)"), "LoaiDoiTuong": .text("1"),
      "MaDoiTuong": .text("TECH-\(serial)"), "TrichYeuHoSo": .text("Hồ sơ thử nghiệm số \(number)"),
      "NgayNopHoSo": .text(time), "NgayTiepNhan": .text(time), "TrangThaiHoSo": .text("1"),
      "DonViXuLy": .text("000.00.00.H24"), "TaiKhoanDuocXacThucVoiVNeID": .text("1"),
      "DinhDanhCHS": .list([
        .object(["LoaiDinhDanh": .text("1"), "SoDinhDanh": .text("999090\(digits(number, 6))")])
      ]),
      "TaiLieuNop": .list([
        .object([
          "TepDinhKemId": .text("tep-\(serial)"), "TenTepDinhKem": .text("ban-khai-\(serial).txt"),
          "MaThanhPhanHoSo": .text("KQ.G15.000001"), "Base64": .text(file),
        ])
      ]),
    ])
  }

  private static func digits(_ number: Int, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
