internal import FoundationEssentials
internal import HubKit
internal import SOAPWire
internal import XMLWire

/// One question as the database understands it.
struct CitizenCall: Equatable {
  enum Operation: String { case verify = "XacThucThongTinCongDan", lookup = "TraCuuThongTinCongDan" }

  var operation: Operation
  var isWrapped: Bool
  var requestID, service, official: String
  var unit, personalID, oldID: String?
  var name: String
  /// `yyyyMMdd` or `yyyy`.
  var birth: String

  static let namespace = "http://dancuquocgia.bca"

  /// The elements in the order that the service wants.
  private static let order = [
    "MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "MaDonVi", "TaiKhoan", "SoDienThoai", "SoDinhDanh", "SoCMND",
    "HoVaTen", "NgayThangNamSinh",
  ]
  private static let numbers = ["003": Operation.verify, "037": .lookup]

  /// Reads a request in either wrapping.
  static func read(_ request: ServedRequest) throws(Refusal) -> CitizenCall {
    let isJSON = request.body.first { $0 > 0x20 } == UInt8(ascii: "{")
    let call = isJSON ? try CitizenCall(json: request.body) : try CitizenCall(xml: request.body)
    try call.check()
    return call
  }

  struct Refusal: Error {
    var code: CitizenFault.Code
    var isWrapped: Bool
  }

  private init(xml: [UInt8]) throws(Refusal) {
    let incomplete = Refusal(code: .incomplete, isWrapped: false)
    guard let envelope = try? SOAPEnvelope.read(xml), envelope.version == .v11, envelope.body.count == 1,
      let call = envelope.body.first, call.name.namespace == Self.namespace,
      let operation = Operation(rawValue: call.name.local)
    else { throw incomplete }
    let places = call.children.map { child in Self.order.firstIndex(of: child.name.local) ?? -1 }
    let isOrdered = zip(places, places.dropFirst()).allSatisfy { $0 < $1 } && !places.contains(-1)
    let isQualified = call.children.allSatisfy { $0.name.namespace == Self.namespace }
    guard isOrdered, isQualified, let requestID = call.value("MaYeuCau"), let service = call.value("MaDVC"),
      let number = call.value("MaTichHop"), let official = call.value("MaCanBo"), let name = call.value("HoVaTen"),
      let birth = call["NgayThangNamSinh"]
    else { throw incomplete }
    guard Self.numbers[number] == operation else { throw Refusal(code: .service, isWrapped: false) }
    guard birth.children.count == 1, let date = birth.value("NgayThangNam") ?? birth.value("Nam") else {
      throw incomplete
    }
    self.operation = operation
    isWrapped = false
    (self.requestID, self.service, self.official) = (requestID, service, official)
    unit = call.value("MaDonVi")
    personalID = call.value("SoDinhDanh")
    oldID = call.value("SoCMND")
    self.name = name
    self.birth = date
  }

  private struct Form: Decodable {
    var maYeuCau, maDVC, maTichHop, maCanBo, hoVaTen, ngayThangNam, userNameService: String
    var maDonVi, soDinhDanh, soCMND: String?
  }

  private init(json: [UInt8]) throws(Refusal) {
    guard let form = try? JSONDecoder().decode(Form.self, from: Data(json)) else {
      throw Refusal(code: .incomplete, isWrapped: true)
    }
    guard let operation = Self.numbers[form.maTichHop] else { throw Refusal(code: .service, isWrapped: true) }
    self.operation = operation
    isWrapped = true
    (requestID, service, official) = (form.maYeuCau, form.maDVC, form.maCanBo)
    (unit, personalID, oldID) = (form.maDonVi, form.soDinhDanh, form.soCMND)
    (name, birth) = (form.hoVaTen, form.ngayThangNam)
  }

  /// Values, after the parts are all there.
  private func check() throws(Refusal) {
    let texts = [requestID, service, official, name]
    guard texts.allSatisfy({ !$0.isEmpty }), (personalID == nil) != (oldID == nil) else {
      throw Refusal(code: .incomplete, isWrapped: isWrapped)
    }
    let isNumber = personalID.map { Self.isDigits($0, 12) } ?? oldID.map { Self.isDigits($0, 9) } ?? false
    let isName = name.utf8.allSatisfy { $0 < 0x80 } && name == name.uppercased()
    guard isNumber, isName, Self.isDigits(birth, 8) || Self.isDigits(birth, 4) else {
      throw Refusal(code: .value, isWrapped: isWrapped)
    }
  }

  private static func isDigits(_ text: String, _ count: Int) -> Bool {
    text.utf8.count == count && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
  }
}
