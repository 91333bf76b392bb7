internal import XMLWire

/// A person as QCVN 109:2017 writes him. What a real record has beyond this is not known.
extension SyntheticCitizen {
  /// CongDan in a namespace.
  func element(_ namespace: String) -> XMLElement {
    let make = { (name: String, text: String?) in
      text.map { XMLElement(XMLName(name, namespace: namespace), text: $0) }
    }
    let group = { (name: String, children: [XMLElement?]) in
      XMLElement(XMLName(name, namespace: namespace), children: children.compactMap { $0 })
    }
    let address = { (name: String, detail: String) in
      group(
        name,
        [
          make("MaTinhThanh", ward.province), make("MaQuanHuyen", ward.district.isEmpty ? nil : ward.district),
          make("MaPhuongXa", ward.code), make("ChiTiet", detail), make("QuocGia", "VN"),
        ])
    }
    let relative = { (name: String, family: String, given: String, relation: String?) in
      group(
        name,
        [
          relation.flatMap { make("QuanHe", $0) }, group("HoVaTen", [make("Ten", "\(family) \(given)")]),
          make("QuocTich", "VN"),
        ])
    }
    let nameParts =
      hasNameInOnePart || family.isEmpty
      ? [make("Ten", fullName)] : [make("Ho", family), make("ChuDem", middle), make("Ten", given)]
    let birthPart = birth.utf8.count == 4 ? make("Nam", birth) : make("NgayThangNam", birth)
    return group(
      "CongDan",
      [
        make("SoDinhDanh", personalID), make("SoCMND", oldID), group("HoVaTen", nameParts), make("GioiTinh", gender),
        make("DanToc", "01"), make("TonGiao", "00"), make("TinhTrangHonNhan", "1"), make("NhomMau", "00"),
        group("NgayThangNamSinh", [birthPart]), address("NoiDangKyKhaiSinh", ward.name),
        address("QueQuan", ward.name), address("ThuongTru", "Tổ dân phố mẫu, \(ward.name)"),
        address("NoiOHienTai", "Nhà mẫu, \(ward.name)"), make("QuocTich", "VN"),
        relative("Cha", family.isEmpty ? "Nguyễn" : family, "Văn Mẫu", nil),
        relative("Me", "Phạm", "Thị Thử", nil), relative("ChuHo", "Phạm", "Thị Thử", "Mẹ"),
        make("SoSoHoKhau", "HK-\(personalID.suffix(5))"), make("ThoiDiemDuLieu", "20261101080000"),
        make("TrangThaiXacThuc", "2"),
      ])
  }
}
