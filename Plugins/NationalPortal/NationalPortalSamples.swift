internal import FoundationEssentials
public import HubKit
internal import JSONWire

/// Makes synthetic dossiers as the portal would push them. Nobody in them is real: numbers of persons begin with 999,
/// which no province has, and numbers of telephones with 0900000.
public struct NationalPortalSamples: SampleTraffic {
  /// Kinds that it can make.
  public static let kinds = ["national-portal/dossier"]

  /// Makes a dossier of the portal's own form, with one small file.
  public static func make(_ request: SampleRequest) -> SampleMessage {
    var random = SampleNumbers("\(request.run)/\(request.number)")
    let code = dossierCode(request, &random)
    let procedure = random.pick(procedures)
    let time = PortalDate.text(request.now)
    let form = Data("Tờ khai thử nghiệm của hồ sơ \(code)\n".utf8).base64EncodedString()
    let value: JSONValue = .object([
      "MaHoSo": .text(code), "MaTTHC": .text(procedure.code), "TenTTHC": .text(procedure.name),
      "MaLinhVuc": .text(procedure.fieldCode), "TenLinhVuc": .text(procedure.field), "KenhThucHien": .text("2"),
      "ChuHoSo": .text(person(&random)), "LoaiDoiTuong": .text("1"),
      "MaDoiTuong": .text("TECH-\(random.digits(10))"), "SoDienThoai": .text("0900000\(random.digits(3))"),
      "Email": .text("nguoi.\(random.digits(6))@example.vn"), "TrichYeuHoSo": .text("Đề nghị \(procedure.request)"),
      "NgayNopHoSo": .text(time), "NgayTiepNhan": .text(time),
      "NgayHenTra": .text(PortalDate.text(request.now + .seconds(86_400 * Int64(procedure.days)))),
      "TrangThaiHoSo": .text("1"), "HinhThuc": .text("0"),
      "DonViXuLy": .text(request.receivers.first?.code.text ?? "000.00.00.H24"),
      "TaiKhoanDuocXacThucVoiVNeID": .text("1"), "DuocThanhToanTrucTuyen": .text(procedure.fee == "0" ? "3" : "1"),
      "HoSoCoThanhPhanSoHoa": .text("1"),
      "DinhDanhCHS": .list([.object(["LoaiDinhDanh": .text("1"), "SoDinhDanh": .text("999\(random.digits(9))")])]),
      "TaiLieuNop": .list([
        .object([
          "TepDinhKemId": .text("tep-\(random.digits(12))"), "TenTepDinhKem": .text("to-khai.txt"),
          "MaThanhPhanHoSo": .text("\(procedure.code).01"), "DuocSoHoa": .text("1"), "DuocTaiSuDung": .text("0"),
          "Base64": .text(form),
        ])
      ]),
      "DanhSachLePhi": .list(
        procedure.fee == "0"
          ? []
          : [
            .object([
              "TenPhiLePhi": .text("Lệ phí"), "MaPhiLePhi": .text("\(procedure.code).LP"), "HinhThucThu": .text("1"),
              "Gia": .text(procedure.fee), "LoaiPhiLePhi": .text("2"),
            ])
          ]),
    ])
    return SampleMessage(mediaType: "application/json", body: value.bytes, documentID: code)
  }

  /// `<unit>-<yyMMdd>-<five digits and more>`: one run's codes are not another's.
  private static func dossierCode(_ request: SampleRequest, _ random: inout SampleNumbers) -> String {
    let unit = random.pick(["000.00.00.H24", "000.00.00.H24", "000.00.00.H23", "000.00.05.H24"])
    let day = PortalDate.text(request.now).dropFirst(2).prefix(6)
    return "\(unit)-\(day)-\(random.digits(8))"
  }

  private static func person(_ random: inout SampleNumbers) -> String {
    let family = random.pick(["Nguyễn", "Trần", "Lê", "Phạm", "Vũ", "Đỗ"])
    let middle = random.pick(["Văn", "Thị", "Minh", "Thanh"])
    return "\(family) \(middle) \(random.pick(["Mẫu", "Ví Dụ", "Thử", "Giả Định"]))"
  }

  private struct Procedure {
    var code, name, request, field, fieldCode, fee: String
    var days: Int
  }

  private static let procedures = [
    Procedure(
      code: "2.000477", name: "Cấp bản sao trích lục hộ tịch", request: "cấp bản sao trích lục", field: "Hộ tịch",
      fieldCode: "G15-TP01", fee: "8000", days: 1),
    Procedure(
      code: "1.001193", name: "Đăng ký khai sinh", request: "đăng ký khai sinh", field: "Hộ tịch",
      fieldCode: "G15-TP01", fee: "0", days: 1),
    Procedure(
      code: "1.004203", name: "Tách thửa hoặc hợp thửa đất", request: "tách thửa đất", field: "Đất đai",
      fieldCode: "G13-DD01", fee: "100000", days: 15),
    Procedure(
      code: "2.001621", name: "Cấp giấy phép xây dựng nhà ở", request: "cấp giấy phép xây dựng",
      field: "Hoạt động xây dựng", fieldCode: "G17-XD02", fee: "75000", days: 20),
  ]
}

/// Numbers that are the same for the same seed (SplitMix64 over an FNV-1a hash).
struct SampleNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: String) {
    state = seed.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: 0..<list.count, using: &self)] }

  mutating func digits(_ count: Int) -> String {
    (0..<count).map { _ in String(Int.random(in: 0...9, using: &self)) }.joined()
  }
}
