/// What stands in `agencies.yaml` and `access.yaml`.
enum AccessDeclarations {
  static let agencyFile = ObjectShape(
    "agencies.yaml",
    [
      Declaration(
        "agencies", .list(.object(agency), min: 0), required: true, example: "[{code: H24.1, name: Sở Nội vụ}]",
        help: "The organisations that exchange through the hub.", vi: "Các cơ quan trao đổi qua hub.")
    ])

  static let agency = ObjectShape(
    "agency",
    [
      Declaration(
        "code", .text(.organisation), required: true, example: "H24.1", help: "Its code (Decision 20/2020/QĐ-TTg).",
        vi: "Mã định danh (Quyết định 20/2020/QĐ-TTg)."),
      Declaration(
        "name", .text(.any), required: true, example: "Sở Nội vụ", help: "Its official name.", vi: "Tên chính thức."),
      Declaration(
        "endpoint", .text(.name), example: "city-systems",
        help: "The endpoint through which messages reach it; left out: it only sends.",
        vi: "Điểm kết nối để gửi đến cơ quan; bỏ trống: chỉ gửi đi."),
      Declaration(
        "aliases", .list(.text(.organisation), min: 0), example: "[000.00.01.H24]",
        help: "Other codes by which it is still addressed.", vi: "Các mã khác vẫn còn được dùng."),
      Declaration(
        "from", .text(.day), example: "2025-07-01",
        help: "The first day on which it exists; left out: it always did.",
        vi: "Ngày đầu tiên cơ quan hoạt động; bỏ trống: từ trước đến nay."),
      Declaration(
        "until", .text(.day), example: "2025-07-01",
        help: "The first day on which it exists no more: from then on nothing is sent to it.",
        vi: "Ngày đầu tiên cơ quan không còn; từ đó không gửi đến nữa."),
      Declaration(
        "successors", .list(.text(.organisation), min: 0), example: "[H24.101]",
        help: "Who does its work since then; senders are told.",
        vi: "Cơ quan kế thừa; nơi gửi được cho biết."),
      Declaration(
        "credentials", .list(.object(credential), min: 0), example: "[]",
        help: "Written by `lgsp agency`: at most two, while one replaces the other.",
        vi: "Do `lgsp agency` ghi: nhiều nhất hai, trong lúc thay thế."),
    ])

  static let credential = ObjectShape(
    "credentials",
    [
      Declaration(
        "id", .text(.any), required: true, example: "H24.1-k7m2p9x4", help: "The client id.", vi: "Mã khách."),
      Declaration(
        "hash", .text(.hash), required: true, example: "sha256:…:…", help: "Salted hash of the secret.",
        vi: "Giá trị băm có muối của mật khẩu."),
      Declaration(
        "created", .text(.time), required: true, example: "2026-11-23T08:00:00Z", help: "When it was made.",
        vi: "Thời điểm tạo."),
      Declaration(
        "expires", .text(.time), example: "2026-12-23T08:00:00Z", help: "When it ends; left out: when it is revoked.",
        vi: "Thời điểm hết hạn; bỏ trống: khi bị thu hồi."),
    ])

  static let accessFile = ObjectShape(
    "access.yaml",
    [
      Declaration(
        "access", .list(.object(rule), min: 0), required: true, example: "[{agency: H24.1, send: [vn.gov.edoc.*]}]",
        help: "Who may do what; what no rule allows is refused.",
        vi: "Ai được làm gì; điều không có quy tắc cho phép sẽ bị từ chối.")
    ])

  static let rule = ObjectShape(
    "access",
    [
      Declaration(
        "agency", .text(.organisationPattern), example: "H24.*", help: "Agencies that may, `*` allowed.",
        vi: "Cơ quan được phép, dùng được `*`."),
      Declaration(
        "endpoint", .text(.name), example: "axis", help: "The endpoint that may hand in what it fetched.",
        vi: "Điểm kết nối được phép đưa vào những gì nó lấy về."),
      Declaration(
        "hub", .choice(["insight"]), example: "insight",
        help: "The part of the hub that may send what it has to tell: `insight`, the indicators.",
        vi: "Bộ phận của hub được phép tự gửi: `insight` là các chỉ số điều hành."),
      Declaration(
        "send", .oneOrMany(.text(.pattern)), example: "[vn.gov.edoc.*]", help: "Types that may be sent.",
        vi: "Loại bản tin được gửi."),
      Declaration(
        "from", .oneOrMany(.text(.organisationPattern)), default: nil, example: "[H24.110]",
        help: "Agencies in whose name an endpoint may send; left out: all.",
        vi: "Điểm kết nối được gửi nhân danh cơ quan nào; bỏ trống: tất cả."),
      Declaration(
        "to", .oneOrMany(.text(.organisationPattern)), default: nil, example: "[\"*\"]",
        help: "Receivers; left out: all.", vi: "Nơi nhận; bỏ trống: tất cả."),
      Declaration(
        "call", .oneOrMany(.text(.pattern)), example: "[population/verify]", help: "Services that may be called.",
        vi: "Dịch vụ được gọi."),
      Declaration(
        "observe", .flag, example: "true",
        help: "True for operators: may see where every exchange stands, never its body.",
        vi: "`true` cho người vận hành: xem được trạng thái mọi giao dịch, không xem nội dung."),
    ], exactlyOneOf: ["agency", "endpoint", "hub"])
}
