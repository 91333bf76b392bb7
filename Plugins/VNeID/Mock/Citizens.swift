/// An invented person or organisation with an account.
struct Citizen: Sendable {
  var subject: String
  var name: String
  /// LoaiTaiKhoan: 1 person, 2 enterprise, 3 organisation.
  var accountType: String
  /// SoDinhDanh. The first three digits name no province, so no real number is among them.
  var number: String
  var born: String
  var techId: String
  /// loAs, IAL.
  var level: String

  static let all: [Citizen] = [
    Citizen(
      subject: "7d0f4a52-0000-4000-8000-000000000001", name: "Nguyễn Văn Mẫu", accountType: "1", number: "000090000001",
      born: "01/02/1990", techId: "TECH-0001", level: "2"),
    Citizen(
      subject: "7d0f4a52-0000-4000-8000-000000000002", name: "Trần Thị Ví Dụ", accountType: "1", number: "000185000002",
      born: "15/08/1985", techId: "TECH-0002", level: "2"),
    Citizen(
      subject: "7d0f4a52-0000-4000-8000-000000000003", name: "Lê Văn Thử", accountType: "1", number: "000099000003",
      born: "30/11/1999", techId: "TECH-0003", level: "1"),
    Citizen(
      subject: "7d0f4a52-0000-4000-8000-000000000004", name: "Công ty TNHH Mẫu", accountType: "2", number: "",
      born: "", techId: "TECH-0004", level: "2"),
  ]

  static func named(_ subject: String) -> Citizen? { all.first { $0.subject == subject } }
}
