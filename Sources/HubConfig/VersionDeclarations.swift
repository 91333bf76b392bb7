/// What stands under `next:` of an endpoint: its second version.
enum VersionDeclarations {
  static let next = ObjectShape(
    "endpoint-version",
    [
      Declaration(
        "connector", .text(.name), example: "population-v2",
        help: "The connector that speaks to the far system's new interface; left out: the endpoint's.",
        vi: "Bộ kết nối nói chuyện với giao diện mới; bỏ trống: như của điểm kết nối."),
      Declaration(
        "settings", .settings, example: "{url: \"https://system.example/v2\"}",
        help: "What is different there; the endpoint's other settings hold too.",
        vi: "Những thiết lập khác đi; các thiết lập còn lại theo điểm kết nối."),
      Declaration(
        "allow", .list(.text(.allowed), min: 1), example: "[v2.example:443]",
        help: "Addresses that may be called; left out: the endpoint's `allow`, and those of the URLs in the settings.",
        vi: "Các địa chỉ được phép gọi; bỏ trống: `allow` của điểm kết nối và các địa chỉ trong thiết lập."),
      Declaration(
        "tls", .object(EndpointDeclarations.tls), example: "{ca: tls/ca-v2.pem}",
        help: "How the new interface is recognised; left out: as the endpoint.",
        vi: "Cách nhận diện giao diện mới; bỏ trống: theo điểm kết nối."),
      Declaration(
        "when", .object(when), example: "{from: \"2026-12-01T00:00:00+07:00\"}",
        help: "Which messages go there; left out: none, until `lgsp endpoint version` says so.",
        vi: "Bản tin nào đi sang phiên bản này; bỏ trống: không bản tin nào, cho tới khi có `lgsp endpoint version`."),
      Declaration(
        "shadow", .flag, example: "true",
        help: "Whether it is asked in shadow what the first version is asked and answers, as far as that changes "
          + "nothing: its answers are compared (`lgsp compare`) and go nowhere.",
        vi: "Phiên bản này có được hỏi song song những câu hỏi chỉ đọc mà phiên bản đầu trả lời không: câu trả lời chỉ "
          + "để so sánh (`lgsp compare`), không trả cho ai."),
      // Without a default: one would give every endpoint a second version.
    ])

  static let when = ObjectShape(
    "version-rule",
    [
      Declaration(
        "from", .text(.time), example: "\"2026-12-01T00:00:00+07:00\"", help: "Those received from then on.",
        vi: "Bản tin nhận từ thời điểm này."),
      Declaration(
        "keys", .list(.text(.pattern), min: 1), example: "[\"H24.101-*\"]",
        help: "Those whose ordering key, or else subject, fits one of the patterns.",
        vi: "Bản tin có khóa thứ tự (không có thì subject) khớp một trong các mẫu."),
      Declaration(
        "share", .number(0.001...1), example: "0.1",
        help: "That share of the ordering keys, or else subjects: what belongs together stays together.",
        vi: "Tỉ lệ theo khóa thứ tự (không có thì subject): những gì thuộc về nhau luôn đi cùng nhau."),
    ], exactlyOneOf: ["from", "keys", "share"])
}
