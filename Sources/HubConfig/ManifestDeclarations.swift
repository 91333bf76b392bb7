/// What stands in `connectors/<name>/manifest.yaml`.
enum ManifestDeclarations {
  static let file = ObjectShape(
    "manifest",
    [
      Declaration(
        "connector", .text(.name), required: true, example: "cemetery-register",
        help: "Its name in `connector:` of endpoints: that of its folder.",
        vi: "Tên dùng ở `connector:` của điểm kết nối: trùng tên thư mục."),
      Declaration(
        "version", .text(.version), required: true, example: "1.0.0", help: "Its own version.",
        vi: "Phiên bản của bộ kết nối."),
      Declaration(
        "summary", .text(.any), required: true, example: "The city's register of cemeteries.",
        help: "The far system, in a sentence.", vi: "Hệ thống đích, trong một câu."),
      Declaration(
        "level", .choice(["A", "B", "C"]), default: "C",
        help: "How far it can be trusted: A checked against real files or an independent client, B against publicly "
          + "seen client code or law texts, C assumed.",
        vi: "Mức tin cậy: A đã đối chiếu với tệp thật hoặc phần mềm độc lập, B theo mã nguồn hoặc văn bản công khai, C "
          + "tự giả định."),
      Declaration(
        "settings", .map(.setting, .object(setting)),
        example: "{url: {kind: url, required: true, example: \"https://x.example\", help: Base URL.}}",
        help: "What an endpoint must or may say.", vi: "Các thiết lập của điểm kết nối."),
      Declaration(
        "events", .map(.any, .text(.any)), example: "{vn.haiphong.grave.registered: A grave was registered.}",
        help: "Types of the messages that it brings in, and what each means.",
        vi: "Các loại bản tin mang vào và ý nghĩa."),
      Declaration(
        "failures", .map(.any, .text(.any)), example: "{no-such-plot: The register knows no such plot.}",
        help: "Codes of its own with which an attempt fails, and what each means.",
        vi: "Các mã lỗi riêng và ý nghĩa."),
      Declaration(
        "http", .object(HTTPDeclarations.http), example: "{base: \"{url}\", operations: […]}",
        help: "The far system speaks HTTP, and this describes the requests.",
        vi: "Hệ thống đích dùng HTTP, phần này mô tả các yêu cầu."),
      Declaration(
        "files", .object(FilesDeclarations.files), example: "{base: \"{url}\", username: username, sources: […]}",
        help: "The far system hands files over by SFTP or FTPS, and this says which and how.",
        vi: "Hệ thống đích trao đổi tệp qua SFTP hoặc FTPS, phần này mô tả tệp nào và cách nào."),
      Declaration(
        "process", .object(ProcessDeclarations.process), example: "{command: [python3, connector.py]}",
        help: "A program speaks to the far system; Documentation/connector-protocol.md tells how the hub speaks to it.",
        vi: "Một chương trình nói chuyện với hệ thống đích; xem Documentation/connector-protocol.md."),
    ], exactlyOneOf: ["http", "files", "process"])

  static let setting = ObjectShape(
    "setting",
    [
      Declaration(
        "kind", .choice(["text", "integer", "flag", "duration", "url", "secret", "choice", "list", "map"]),
        required: true, example: "url", help: "What values it takes.", vi: "Kiểu giá trị."),
      Declaration("required", .flag, default: "false", help: "Whether it must be given.", vi: "Có bắt buộc không."),
      Declaration(
        "default", .text(.any), example: "30s", help: "What holds when it is left out.", vi: "Giá trị mặc định."),
      Declaration(
        "example", .text(.any), required: true, example: "https://register.example", help: "A value that makes sense.",
        vi: "Một giá trị ví dụ."),
      Declaration(
        "help", .text(.any), required: true, example: "Base URL of the register.", help: "What it does, in a sentence.",
        vi: "Ý nghĩa, trong một câu."),
      Declaration(
        "choices", .list(.text(.any), min: 1), example: "[test, live]", help: "The words of a `choice`.",
        vi: "Các từ của kiểu `choice`."),
      Declaration(
        "min", .integer(Int.min...Int.max), example: "1", help: "Least value of an `integer`.",
        vi: "Giá trị nhỏ nhất của kiểu `integer`."),
      Declaration(
        "max", .integer(Int.min...Int.max), example: "100", help: "Greatest value of an `integer`.",
        vi: "Giá trị lớn nhất của kiểu `integer`."),
    ])
}
