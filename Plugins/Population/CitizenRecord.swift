internal import XMLWire

/// Members of a person's record that a look-up may return, by their canonical names.
enum CitizenField: String, Sendable, CaseIterable {
  case personalId, oldId, name, gender, birthDate, ethnicity, religion, maritalStatus, bloodType, nationality
  case birthRegistrationPlace, hometown, permanentAddress, currentAddress
  case father, mother, spouse, representative, householdHead, householdBookNumber, citizenNumber, note

  /// What is enough for most dossiers.
  static let usual: [CitizenField] = [.name, .birthDate, .gender, .permanentAddress]

  /// The element of QCVN 109:2017 that holds it.
  var element: String {
    switch self {
    case .personalId: "SoDinhDanh"
    case .oldId: "SoCMND"
    case .name: "HoVaTen"
    case .gender: "GioiTinh"
    case .birthDate: "NgayThangNamSinh"
    case .ethnicity: "DanToc"
    case .religion: "TonGiao"
    case .maritalStatus: "TinhTrangHonNhan"
    case .bloodType: "NhomMau"
    case .nationality: "QuocTich"
    case .birthRegistrationPlace: "NoiDangKyKhaiSinh"
    case .hometown: "QueQuan"
    case .permanentAddress: "ThuongTru"
    case .currentAddress: "NoiOHienTai"
    case .father: "Cha"
    case .mother: "Me"
    case .spouse: "VoChong"
    case .representative: "NguoiDaiDien"
    case .householdHead: "ChuHo"
    case .householdBookNumber: "SoSoHoKhau"
    case .citizenNumber: "SoCongDan"
    case .note: "GhiChu"
    }
  }
}

/// A person as the canonical answer has him: only the members that were asked for and that the database knows.
struct CitizenRecord: Encodable {
  /// A place as the database keeps it. Codes are those of the day on which it was written down: a ward's code may name
  /// a unit that is no more, or another unit today.
  struct Place: Encodable, Equatable {
    var country, provinceCode, districtCode, wardCode, detail: String?

    init?(_ element: XMLElement) {
      country = element.value("QuocGia")
      provinceCode = element.value("MaTinhThanh")
      districtCode = element.value("MaQuanHuyen")
      wardCode = element.value("MaPhuongXa")
      detail = element.value("ChiTiet")
      if [country, provinceCode, districtCode, wardCode, detail].allSatisfy({ $0 == nil }) { return nil }
    }

    static let elements: Set = ["QuocGia", "MaTinhThanh", "MaQuanHuyen", "MaPhuongXa", "ChiTiet"]
  }

  /// A person named beside the one who was asked about.
  struct Relative: Encodable, Equatable {
    var personalId, oldId, name, nationality, relation: String?

    init?(_ element: XMLElement) {
      personalId = element.value("SoDinhDanh")
      oldId = element.value("SoCMND")
      name = element["HoVaTen"].flatMap(CitizenRecord.fullName)
      nationality = element.value("QuocTich")
      relation = element.value("QuanHe")
      if [personalId, oldId, name, nationality, relation].allSatisfy({ $0 == nil }) { return nil }
    }

    static let elements: Set = ["SoDinhDanh", "SoCMND", "HoVaTen", "QuocTich", "QuanHe"]
  }

  var personalId, oldId, name, gender, birthDate, ethnicity, religion, maritalStatus, bloodType, nationality: String?
  var birthRegistrationPlace, hometown, permanentAddress, currentAddress: Place?
  var father, mother, spouse, representative, householdHead: Relative?
  var householdBookNumber, citizenNumber, note: String?
  /// When the data were true; not a member of the person, so it is always given when the database says it.
  var validAt: String?
}

extension CitizenRecord {
  /// Reads CongDan. Members outside of `fields` are not even looked at.
  ///
  /// - Parameter notes: gets a word for each value that could not be understood and was left out.
  init(_ element: XMLElement, fields: Set<CitizenField>, notes: inout [String]) {
    let part = { (field: CitizenField) in fields.contains(field) ? element[field.element] : nil }
    let text = { (field: CitizenField) in part(field).map(\.text).flatMap { $0.isEmpty ? nil : $0 } }
    personalId = text(.personalId)
    oldId = text(.oldId)
    name = part(.name).flatMap(Self.fullName)
    gender = text(.gender).map { ["1": "male", "2": "female"][$0] ?? "unknown" }
    birthDate = part(.birthDate).flatMap { Self.birthDate($0, notes: &notes) }
    ethnicity = text(.ethnicity)
    religion = text(.religion)
    maritalStatus = text(.maritalStatus)
    bloodType = text(.bloodType)
    nationality = text(.nationality)
    birthRegistrationPlace = part(.birthRegistrationPlace).flatMap(Place.init)
    hometown = part(.hometown).flatMap(Place.init)
    permanentAddress = part(.permanentAddress).flatMap(Place.init)
    currentAddress = part(.currentAddress).flatMap(Place.init)
    father = part(.father).flatMap(Relative.init)
    mother = part(.mother).flatMap(Relative.init)
    spouse = part(.spouse).flatMap(Relative.init)
    representative = part(.representative).flatMap(Relative.init)
    householdHead = part(.householdHead).flatMap(Relative.init)
    householdBookNumber = text(.householdBookNumber)
    citizenNumber = text(.citizenNumber)
    note = text(.note)
    validAt = element.value("ThoiDiemDuLieu").flatMap { Self.moment($0, notes: &notes) }
  }

  /// Family name, middle names, given name; often all of it stands in Ten, and some services write it without parts.
  static func fullName(_ element: XMLElement) -> String? {
    let parts = element.children.isEmpty ? [element.text] : ["Ho", "ChuDem", "Ten"].compactMap { element.value($0) }
    let name = parts.filter { !$0.isEmpty }.joined(separator: " ")
    return name.isEmpty ? nil : name
  }

  private static func birthDate(_ element: XMLElement, notes: inout [String]) -> String? {
    guard let text = element.value("NgayThangNam") ?? element.value("Nam") else { return nil }
    if let date = PopulationDate(wire: text) { return date.canonical }
    notes.append("birth-date-unreadable")
    return nil
  }

  private static func moment(_ text: String, notes: inout [String]) -> String? {
    if let moment = PopulationMoment.canonical(text) { return moment }
    notes.append("valid-at-unreadable")
    return nil
  }

  // MARK: - What has no place here

  /// Names of elements that this form does not know at all, at most `limit`, sorted: for the log, so that nothing that
  /// the database begins to send is lost without anybody noticing. Names only, and only such as look like names.
  static func unknownElements(in citizen: XMLElement, limit: Int = 10) -> [String] {
    let known = Set(CitizenField.allCases.map(\.element) + ["ThoiDiemDuLieu"])
    var found = Set(citizen.children.map(\.name.local).filter { !known.contains($0) })
    for child in citizen.children {
      guard let field = CitizenField.allCases.first(where: { $0.element == child.name.local }) else { continue }
      let inside = Set(child.children.map(\.name.local)).subtracting(field.elementsInside)
      found.formUnion(inside.map { "\(child.name.local)/\($0)" })
    }
    let plain = found.filter { name in
      name.utf8.count <= 64
        && name.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "/") }
    }
    return Array(plain.sorted().prefix(limit))
  }
}

extension CitizenField {
  /// The elements that may stand inside this one.
  fileprivate var elementsInside: Set<String> {
    switch self {
    case .name: ["Ho", "ChuDem", "Ten"]
    case .birthDate: ["NgayThangNam", "Nam"]
    case .birthRegistrationPlace, .hometown, .permanentAddress, .currentAddress: CitizenRecord.Place.elements
    case .father, .mother, .spouse, .representative, .householdHead: CitizenRecord.Relative.elements
    default: []
    }
  }
}
