/// What stands under `process:`.
enum ProcessDeclarations {
  static let process = ObjectShape(
    "process",
    [
      Declaration(
        "command", .list(.text(.any), min: 1), required: true, example: "[python3, connector.py]",
        help: "The program and its arguments; it runs in the connector's folder.",
        vi: "Chương trình và tham số; chạy trong thư mục của bộ kết nối."),
      Declaration(
        "operations", .map(.name, .text(.any)), example: "{register: Registers a grave.}",
        help: "What the far system can be asked to do; left out: one thing.",
        vi: "Những nghiệp vụ hệ thống đích cung cấp; bỏ trống: một việc."),
      Declaration(
        "reads", .list(.text(.name), min: 1), example: "[plots]",
        help:
          "Those of its operations that change nothing at the far system, so that another one may be asked the same "
          + "(`shadow:` of a route).",
        vi: "Những nghiệp vụ chỉ đọc, nên có thể hỏi song song nơi khác (`shadow:` của luồng)."),
      Declaration(
        "delivers", .flag, default: "true", help: "Whether it takes deliveries.", vi: "Có nhận bản tin gửi đi không."),
      Declaration(
        "sources", .list(.text(.name), min: 1), example: "[new-graves]",
        help: "Names of what it can be asked for regularly; the endpoint's `poll:` tells how often.",
        vi: "Tên những gì được hỏi định kỳ; chu kỳ ở `poll:` của điểm kết nối."),
      Declaration(
        "environment", .map(.any, .text(.any)), example: "{LANG: C.UTF-8}",
        help: "Its environment: these variables and PATH, no others.",
        vi: "Biến môi trường: chỉ các biến này và PATH."),
      Declaration(
        "memoryMax", .size((16 << 20)...(64 << 30)), default: "512MiB", help: "Most memory (address space).",
        vi: "Bộ nhớ tối đa."),
      Declaration(
        "processorMax", .integer(1...6400), default: "100",
        help: "Most of a processor's time over ten seconds, in hundredths of one processor.",
        vi: "Thời gian xử lý tối đa trong mười giây, tính theo phần trăm của một bộ xử lý."),
      Declaration(
        "batch", .integer(1...1000), default: "1", help: "Most deliveries with one call.",
        vi: "Số bản tin tối đa mỗi lần gọi."),
      Declaration(
        "outstandingMax", .integer(1...10_000), default: "100", help: "Most deliveries that it holds at a time.",
        vi: "Số bản tin tối đa đang giữ cùng lúc."),
      Declaration(
        "lineBytesMax", .size(1024...(1 << 30)), default: "16MiB", help: "Largest line that either side writes.",
        vi: "Dòng dài nhất mỗi bên được ghi."),
      Declaration(
        "handshake", .duration(.milliseconds(100) ... .seconds(300)), default: "10s",
        help: "How long it may take to say who it is.", vi: "Thời gian tối đa để bắt tay."),
      Declaration(
        "health", .duration(.milliseconds(100) ... .seconds(3600)), default: "10s",
        help: "How often it is asked how it is, and how long it may take to answer.",
        vi: "Chu kỳ hỏi thăm và thời gian chờ trả lời."),
      Declaration(
        "drain", .duration(.milliseconds(100) ... .seconds(300)), default: "5s",
        help: "How long it may take to end when told to.", vi: "Thời gian tối đa để dừng khi được yêu cầu."),
    ])
}

extension ProcessManifest {
  init(_ process: CheckedObject) {
    command = process.texts("command")
    delivers = process.flag("delivers")
    sources = process.texts("sources")
    environment = process.textMap("environment")
    memoryMax = process.size("memoryMax")
    processorMax = process.integer("processorMax")
    batch = process.integer("batch")
    outstandingMax = process.integer("outstandingMax")
    lineBytesMax = process.size("lineBytesMax")
    handshake = process.span("handshake")
    health = process.span("health")
    drain = process.span("drain")
  }
}
