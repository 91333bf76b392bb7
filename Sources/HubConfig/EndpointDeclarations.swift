/// What stands in `endpoints/*.yaml` and `mocks.yaml`.
enum EndpointDeclarations {
  static let endpoint = ObjectShape(
    "endpoint",
    [
      Declaration(
        "name", .text(.name), required: true, example: "city-systems", help: "Its name in routes and agencies.",
        vi: "Tên dùng trong luồng và danh sách cơ quan."),
      Declaration(
        "connector", .text(.name), required: true, example: "http",
        help: "The connector that speaks to the far system.",
        vi: "Bộ kết nối nói chuyện với hệ thống đích."),
      Declaration(
        "settings", .settings, example: "{url: \"https://system.example/in\"}",
        help: "The connector's own settings.", vi: "Các thiết lập riêng của bộ kết nối."),
      Declaration(
        "format", .text(.name), example: "edocument-json",
        help: "The format that the far system wants documents in, when it is not the one that the hub keeps.",
        vi: "Định dạng mà hệ thống đích muốn nhận, khi khác với định dạng hub lưu giữ."),
      Declaration(
        "concurrency", .integer(1...1000), default: "4", help: "Most attempts at a time.",
        vi: "Số lượt gửi đồng thời tối đa."),
      Declaration(
        "timeout", .duration(.milliseconds(100) ... .seconds(3600)), default: "30s", help: "Most time for one attempt.",
        vi: "Thời gian tối đa cho một lần gửi."),
      Declaration(
        "connectTimeout", .duration(.milliseconds(100) ... .seconds(300)), default: "5s",
        help: "Most time to connect.", vi: "Thời gian tối đa để kết nối."),
      Declaration(
        "responseBytesMax", .size(1024...(4 << 30)), default: "16MiB", help: "Largest answer that is read.",
        vi: "Câu trả lời lớn nhất được đọc."),
      Declaration(
        "retry", .object(RetryDeclarations.shape), help: "How failed attempts are repeated; left out: as in hub.yaml.",
        vi: "Cách gửi lại khi thất bại; bỏ trống: theo hub.yaml."),
      Declaration(
        "allow", .list(.text(.allowed), min: 1), example: "[axis.example:443]",
        help: "Addresses that may be called, no others; left out: those of the URLs in `settings`.",
        vi: "Các địa chỉ được phép gọi; bỏ trống: đúng các địa chỉ trong `settings`."),
      Declaration(
        "onDoubt", .choice(["retry", "park"]), default: "retry",
        help: "What to do when a message was sent and the answer was lost: `park` for systems that do not recognise "
          + "repeats, payments above all.",
        vi: "Khi đã gửi mà mất câu trả lời: chọn `park` với hệ thống không nhận ra bản gửi lặp, nhất là thanh toán."),
      Declaration(
        "poll", .object(poll), example: "{every: 2s}",
        help: "How often the far system is asked for messages; left out: never.",
        vi: "Chu kỳ hỏi hệ thống đích lấy bản tin; bỏ trống: không hỏi."),
      Declaration(
        "tls", .object(tls), example: "{ca: tls/ca.pem}", help: "How the far system is recognised.",
        vi: "Cách nhận diện hệ thống đích."),
      Declaration(
        "next", .object(VersionDeclarations.next), example: "{settings: {url: \"https://system.example/v2\"}}",
        help: "A second version beside it, for a far system that changes its interface.",
        vi: "Phiên bản thứ hai chạy song song, khi hệ thống đích đổi giao diện."),
    ])

  static let poll = ObjectShape(
    "poll",
    [
      Declaration(
        "every", .duration(.milliseconds(100) ... .seconds(86_400)), required: true, example: "2s",
        help: "From the end of one question to the next.", vi: "Tính từ khi hỏi xong đến lần hỏi sau."),
      Declaration(
        "limit", .integer(1...10_000), default: "100", help: "Most messages taken with one question.",
        vi: "Số bản tin tối đa mỗi lần hỏi."),
    ])

  static let tls = ObjectShape(
    "tls",
    [
      Declaration(
        "ca", .text(.path), example: "tls/ca.pem",
        help: "Certificates of the authorities that are trusted, PEM; left out: those of the machine.",
        vi: "Chứng thư của các tổ chức được tin cậy, dạng PEM; bỏ trống: theo máy."),
      Declaration(
        "certificate", .text(.path), example: "tls/client.pem", help: "The hub's own certificate chain, PEM.",
        vi: "Chuỗi chứng thư của hub, dạng PEM."),
      Declaration(
        "key", .secret, example: "\"file:tls/client.key\"", help: "The private key of that certificate, PEM.",
        vi: "Khóa riêng của chứng thư đó, dạng PEM."),
    ])

  static let mockFile = ObjectShape(
    "mocks.yaml",
    [
      Declaration(
        "mocks", .list(.object(mock), min: 0), required: true,
        example: "[{connector: edocument, address: 127.0.0.1:8092}]", help: "The far systems that `lgsp mock` plays.",
        vi: "Các hệ thống giả lập do `lgsp mock` chạy.")
    ])

  static let mock = ObjectShape(
    "mock",
    [
      Declaration(
        "name", .text(.name), example: "axis", help: "Its name; left out: the connector's.",
        vi: "Tên; bỏ trống: theo tên bộ kết nối."),
      Declaration(
        "connector", .text(.name), required: true, example: "edocument", help: "Whose far system it plays.",
        vi: "Giả lập hệ thống đích của bộ kết nối nào."),
      Declaration(
        "address", .text(.address), required: true, example: "127.0.0.1:8092", help: "Where it listens.",
        vi: "Địa chỉ lắng nghe."),
      Declaration("settings", .settings, example: "{}", help: "The mock's own settings.", vi: "Các thiết lập riêng."),
      Declaration(
        "tls", .object(mockTLS), example: "{certificate: tls/mock.pem, key: tls/mock.key}",
        help: "The certificate with which it speaks TLS; left out: plain HTTP.",
        vi: "Chứng thư để nói TLS; bỏ trống: HTTP thường."),
    ])

  static let mockTLS = ObjectShape(
    "mock-tls",
    [
      Declaration(
        "certificate", .text(.path), required: true, example: "tls/mock.pem", help: "The certificate chain, PEM.",
        vi: "Chuỗi chứng thư, dạng PEM."),
      Declaration(
        "key", .text(.path), required: true, example: "tls/mock.key", help: "The private key of that certificate, PEM.",
        vi: "Khóa riêng của chứng thư đó, dạng PEM."),
      Declaration(
        "expired", .text(.path), example: "tls/mock-expired.pem",
        help: "A certificate for the same key whose time is over, for `fault: expiredCertificate`, PEM.",
        vi: "Chứng thư đã hết hạn của cùng khóa, dùng cho `fault: expiredCertificate`, dạng PEM."),
    ])
}
