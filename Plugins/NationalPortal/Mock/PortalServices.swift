internal import HubKit
internal import JSONWire

/// The services behind `/mapi/g`.
enum PortalServices {
  static func answer(_ service: String, _ content: JSONValue, _ state: inout PortalState) -> JSONValue {
    switch service {
    case "DongBoHoSoMC": synchronise(content, &state)
    case "CapNhatTienDoHoSoMC": progress(content, &state)
    case "DongBoTrangThaiHoSo": status(content, &state)
    case "DanhSachHoSo": list(content, state)
    case "TraCuuHoSo": record(content, state)
    case "LayTaiLieuHoSo": file(content, state)
    default: PortalAnswer.fail("-1", "no such service")
    }
  }

  // MARK: - What the city sends

  private static func synchronise(_ content: JSONValue, _ state: inout PortalState) -> JSONValue {
    guard case .list(let records)? = content["data"], !records.isEmpty,
      let updating = content["isUpdating"]?.string, ["True", "False"].contains(updating)
    else { return PortalAnswer.fail("-5", "isUpdating and data are needed") }
    for record in records {
      guard record.hasOnlyStrings else { return PortalAnswer.fail("-5", "every value must be a string") }
      guard let code = record["MaHoSo"]?.string, !code.isEmpty, let procedure = record["MaTTHC"]?.string,
        isProcedure(procedure)
      else { return PortalAnswer.fail("-5", "MaHoSo or MaTTHC is missing or wrong") }
      let exists = state.has(code)
      if updating == "False", exists { return PortalAnswer.fail("-3", "the dossier exists") }
      if updating == "True", !exists { return PortalAnswer.fail("-4", "no such dossier") }
    }
    for record in records { _ = state.keep("DongBoHoSoMC", record, isUpdating: updating == "True") }
    return PortalAnswer.good()
  }

  private static func progress(_ content: JSONValue, _ state: inout PortalState) -> JSONValue {
    guard case .list(let records)? = content["data"], !records.isEmpty else {
      return PortalAnswer.fail("-5", "data is needed")
    }
    for record in records {
      guard record.hasOnlyStrings, let code = record["MaHoSo"]?.string, !code.isEmpty,
        let time = record["ThoiDiemXuLy"]?.string, isTime(time), isStatus(record["TrangThai"], upTo: 10)
      else { return PortalAnswer.fail("-5", "MaHoSo, ThoiDiemXuLy or TrangThai is missing or wrong") }
      guard !state.isStrict || state.has(code) else { return PortalAnswer.fail("-4", "no such dossier") }
    }
    let isNew = records.map { state.keep("CapNhatTienDoHoSoMC", $0) }
    return isNew.contains(true) ? PortalAnswer.good(.text("00")) : PortalAnswer.fail("-3", "it is there already")
  }

  /// Only for dossiers that began here; 11 is a refusal.
  private static func status(_ content: JSONValue, _ state: inout PortalState) -> JSONValue {
    guard content["madonvi"]?.string?.isEmpty == false, content["type"]?.string == "2", let record = content["data"],
      record.hasOnlyStrings, let status = record["TrangThai"], isStatus(status, upTo: 11)
    else { return PortalAnswer.fail("-5", "madonvi, type and data with TrangThai are needed") }
    guard let code = record["MaHoSo"]?.string, state.isFiled(code) else {
      return PortalAnswer.fail("-4", "no dossier of this code began here")
    }
    guard state.keep("DongBoTrangThaiHoSo", record) else { return PortalAnswer.fail("-3", "it is there already") }
    state.setStatus(status, of: code)
    return PortalAnswer.good(.whole(0))
  }

  // MARK: - What the city asks for

  private static func list(_ content: JSONValue, _ state: PortalState) -> JSONValue {
    guard let from = day(content["ngayNhan1"]), let to = day(content["ngayNhan2"]),
      content["donViXuLy"]?.string?.isEmpty == false
    else { return PortalAnswer.fail("-5", "donViXuLy, ngayNhan1 and ngayNhan2 are needed") }
    let found = state.filed.filter { (from...max(from, to)).contains(String($0.time.prefix(8))) }
    return PortalAnswer.good(
      .whole(0),
      .list(
        found.map { filed in
          var line = JSONValue.object(["NgayTiepNhan": .text(filed.time)])
          for name in ["MaHoSo", "MaTTHC", "TrangThaiHoSo"] { line[name] = filed.record[name] }
          return line
        }))
  }

  /// The record without the bytes of its files: those are asked for one by one.
  private static func record(_ content: JSONValue, _ state: PortalState) -> JSONValue {
    guard let code = content["maHoSo"]?.string, let filed = state.filedDossier(code) else {
      return PortalAnswer.fail("-4", "no such dossier")
    }
    var record = filed.record
    if case .list(let files)? = record["TaiLieuNop"] {
      record["TaiLieuNop"] = .list(
        files.map { file in
          var file = file
          if file["TepDinhKemId"] != nil { file["Base64"] = nil }
          return file
        })
    }
    return PortalAnswer.good(.text("00"), .list([record]))
  }

  private static func file(_ content: JSONValue, _ state: PortalState) -> JSONValue {
    let files = content["maHoSo"]?.string.flatMap(state.filedDossier)?.record["TaiLieuNop"]?.items ?? []
    guard let id = content["tepDinhKemId"], let file = files.first(where: { $0["TepDinhKemId"] == id }),
      let base64 = file["Base64"]
    else { return PortalAnswer.fail("-4", "no such file") }
    var found = JSONValue.object(["Base64": base64])
    found["TenTepDinhKem"] = file["TenTepDinhKem"]
    return PortalAnswer.good(.text("0"), .list([found]))
  }

  // MARK: - Forms

  /// `2.000477`, and local forms with more behind it.
  private static func isProcedure(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count >= 2 && parts[0].count == 1 && parts[1].count == 6
      && parts.prefix(2).allSatisfy { $0.allSatisfy { $0.isASCII && $0.isNumber } }
  }

  private static func isTime(_ text: String) -> Bool {
    text.utf8.count == 14 && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  private static func isStatus(_ value: JSONValue?, upTo last: Int) -> Bool {
    value?.string.flatMap { Int($0) }.map { (1...last).contains($0) } ?? false
  }

  /// `yyyy-MM-dd` without its hyphens.
  private static func day(_ value: JSONValue?) -> String? {
    guard let text = value?.string, Timestamp(rfc3339: "\(text)T00:00:00Z") != nil else { return nil }
    return text.filter { $0 != "-" }
  }
}

extension JSONValue {
  /// Whether every value inside is a string: the portal takes no others.
  var hasOnlyStrings: Bool {
    switch self {
    case .text: true
    case .null, .flag, .whole, .number: false
    case .list(let items): items.allSatisfy(\.hasOnlyStrings)
    case .object(let members): members.values.allSatisfy(\.hasOnlyStrings)
    }
  }
}
