/// An invented person.
struct SyntheticCitizen: Sendable {
  /// An administrative unit as it stood when the person's data were written down, mostly before 1 July 2025.
  struct Ward: Sendable {
    var province, district, code, name: String
  }

  var personalID: String
  var oldID: String?
  var family, middle, given: String
  /// The name in capitals without marks, written out, so that the mock shares no rule with any connector.
  var plainName: String
  /// 1 male, 2 female.
  var gender: String
  /// `yyyyMMdd` or `yyyy`.
  var birth: String
  var ward: Ward
  /// Whether the whole name stands in Ten, as it often does.
  var hasNameInOnePart: Bool

  var fullName: String { [family, middle, given].filter { !$0.isEmpty }.joined(separator: " ") }
}

/// The population: 34 invented persons, one for each of 34 units of both former provinces (31 Hải Phòng, 30 Hải Dương).
/// Serial numbers begin with 9. Some are there for a reason: the 4th, 14th and 24th have the whole name in one part;
/// of the 7th only half a name is known; of the 9th and 22nd only the year of birth; the 11th's number contradicts the
/// date of birth; the 13th was registered after the districts were gone; the units of the 16th, 18th, 20th, 21st and
/// 24th were split among several new ones.
enum SyntheticCitizens {
  static let all: [SyntheticCitizen] = table.split(separator: "\n").compactMap { SyntheticCitizen(row: $0) }

  private static let table = """
    031090900001|039000001|Nguyễn|Văn|An|NGUYEN VAN AN|1|19900312|31|303|11299|Phường Hùng Vương|parts
    031185900002|039000002|Đặng|Thị Ánh|Nguyệt|DANG THI ANH NGUYET|2|19850704|31|305|11405|Phường Kênh Dương|parts
    031201900003||Trần|Quốc|Đạt|TRAN QUOC DAT|1|20010227|31|311|11473|Phường Minh Đức|parts
    031172900004|039000004|Lê|Thị Hồng|Gấm|LE THI HONG GAM|2|19720915|31|311|11569|Phường Hoàng Lâm|whole
    031063900005|039000005|Phạm|Đức|Ứng|PHAM DUC UNG|1|19630101|31|309|11707|Phường Hòa Nghĩa|parts
    031304900006||Vũ|Ngọc Bảo|Khuê|VU NGOC BAO KHUE|2|20041120|31|313|11653|Xã An Thắng|parts
    031156900007|039000007|||Hoa|HOA|2|19560430|31|316|11860|Xã Tân Liên|parts
    031079900008|039000008|Hoàng|Hữu|Phước|HOANG HUU PHUOC|1|19790808|31|317|11932|Xã Phù Long|parts
    031148900009|039000009|Bùi|Thị|Nhỡ|BUI THI NHO|2|1948|31|316|11881|Xã Liên Am|parts
    031095900010|039000010|Đỗ|Mạnh|Cường|DO MANH CUONG|1|19951225|31|313|11674|Xã An Thọ|parts
    031085900011|039000011|Ngô|Trọng|Nghĩa|NGO TRONG NGHIA|1|19860517|31|314|11743|Xã Tân Trào|parts
    031302900012||Dương|Thị Mỹ|Duyên|DUONG THI MY DUYEN|2|20020602|31|315|11782|Xã Kiến Thiết|parts
    031088900013|039000013|Đinh|Công|Tấu|DINH CONG TAU|1|19880219|31||11311|Phường Hồng Bàng|parts
    030167900014|149000014|Lý|Thị|Lụa|LY THI LUA|2|19670723|30|288|10507|Phường Cẩm Thượng|whole
    030091900015|149000015|Mai|Xuân|Thường|MAI XUAN THUONG|1|19910909|30|288|10510|Phường Bình Hàn|parts
    030198900016||Phan|Thị Thuỳ|Trang|PHAN THI THUY TRANG|2|19980114|30|288|10528|Phường Trần Phú|parts
    030054900017|149000017|Trịnh|Khắc|Vượng|TRINH KHAC VUONG|1|19541031|30|288|10537|Phường Hải Tân|parts
    030181900018|149000018|Cao|Thị|Quý|CAO THI QUY|2|19810326|30|288|10540|Phường Tứ Minh|parts
    030206900019||Hồ|Sỹ|Tuệ|HO SY TUE|1|20060811|30|290|10552|Phường Bến Tắm|parts
    030176900020|149000020|Tạ|Thị Kim|Oanh|TA THI KIM OANH|2|19760606|30|290|10570|Phường Cộng Hòa|parts
    030069900021|149000021|Lương|Thế|Hiển|LUONG THE HIEN|1|19690418|30|290|10585|Phường Văn Đức|parts
    030139900022|149000022|Chu|Thị|Xoè|CHU THI XOE|2|1939|30|292|10675|Phường An Lưu|parts
    030093900023|149000023|Vương|Đình|Khôi|VUONG DINH KHOI|1|19931017|30|292|10726|Phường Hiệp Sơn|parts
    030300900024||Tống|Thị Bích|Phượng|TONG THI BICH PHUONG|2|20000128|30|292|10729|Xã Thượng Quận|whole
    030084900025|149000025|Quách|Văn|Lễ|QUACH VAN LE|1|19840912|30|294|10816|Xã Hồng Lạc|parts
    030161900026|149000026|Hà|Thị|Sửu|HA THI SUU|2|19610205|30|294|10867|Xã Thanh Sơn|parts
    030203900027||Kiều|Minh|Hoàng|KIEU MINH HOANG|1|20031204|30|295|10891|Thị trấn Lai Cách|parts
    030189900028|149000028|Lưu|Thị Như|Ý|LUU THI NHU Y|2|19890530|30|295|10897|Xã Cẩm Hoàng|parts
    030074900029|149000029|Đoàn|Quang|Huỳnh|DOAN QUANG HUYNH|1|19740321|30|296|10954|Xã Hùng Thắng|parts
    030197900030|149000030|Nghiêm|Thị|Yến|NGHIEM THI YEN|2|19970719|30|297|11050|Xã Hồng Hưng|parts
    030058900031|149000031|Thân|Bá|Kỳ|THAN BA KY|1|19580627|30|298|11113|Xã Tân Kỳ|parts
    030305900032||Triệu|Thị|Thảo|TRIEU THI THAO|2|20051010|30|299|11164|Xã Nghĩa An|parts
    030066900033|149000033|Giáp|Văn|Bưởi|GIAP VAN BUOI|1|19660214|30|300|11260|Xã Lam Sơn|parts
    030182900034|149000034|Ông|Thị|Lượng|ONG THI LUONG|2|19820822|30|291|10621|Xã Quốc Tuấn|parts
    """
}

extension SyntheticCitizen {
  fileprivate init?(row: Substring) {
    let parts = row.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 13 else { return nil }
    personalID = parts[0]
    oldID = parts[1].isEmpty ? nil : parts[1]
    (family, middle, given, plainName) = (parts[2], parts[3], parts[4], parts[5])
    (gender, birth) = (parts[6], parts[7])
    ward = Ward(province: parts[8], district: parts[9], code: parts[10], name: parts[11])
    hasNameInOnePart = parts[12] == "whole"
  }
}
