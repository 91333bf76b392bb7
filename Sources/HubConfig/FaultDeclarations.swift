/// One fault of a mock: a member of `faults:` in `mock.yaml`, and of what the mock's control takes as JSON.
enum FaultDeclarations {
  static let faults = ["refuse", "hang", "reset", "garbage", "drip", "duplicate", "outOfOrder", "expiredCertificate"]
  private static let hour = Duration.zero ... .seconds(3600)
  private static let span = Duration.milliseconds(1) ... .seconds(86_400)

  static let rule = ObjectShape("fault", which + when + what)

  private static let which = [
    Declaration(
      "method", .text(.any), example: "POST", help: "Only requests with this method; left out: any.",
      vi: "Chỉ các yêu cầu dùng phương thức này; bỏ trống: bất kỳ."),
    Declaration(
      "path", .text(.pattern), example: "\"/v2/*\"",
      help: "Only requests to this path, where `*` stands for any text; left out: any.",
      vi: "Chỉ các yêu cầu tới đường dẫn này, `*` thay cho đoạn bất kỳ; bỏ trống: bất kỳ."),
    Declaration(
      "skip", .integer(0...1_000_000), default: "0", help: "So many matching requests pass first.",
      vi: "Bỏ qua từng này yêu cầu khớp đầu tiên."),
    Declaration(
      "times", .integer(0...1_000_000), example: "1", help: "So many are struck, then the rule sleeps for good.",
      vi: "Chỉ gây lỗi từng này lần."),
    Declaration(
      "share", .number(0...1), default: "1", help: "Which share of those that it could strike it does strike.",
      vi: "Tỷ lệ yêu cầu bị gây lỗi."),
    Declaration(
      "seed", .integer(0...1_000_000_000), default: "1",
      help: "Begins the numbers drawn for `share` and `latency`: the same seed, the same faults.",
      vi: "Mầm của các số ngẫu nhiên cho `share` và `latency`: cùng mầm thì cùng lỗi."),
  ]

  private static let when = [
    Declaration(
      "after", .duration(.zero ... .seconds(86_400)), default: "0s", example: "5s",
      help: "So long after its arrival the rule awakes.", vi: "Quy tắc có hiệu lực sau khoảng thời gian này."),
    Declaration(
      "for", .duration(span), example: "30s", help: "So long it is awake; left out: for ever.",
      vi: "Hiệu lực kéo dài chừng này; bỏ trống: mãi mãi."),
    Declaration(
      "every", .duration(span), example: "5m",
      help: "It awakes again after so long, from beginning to beginning; needs `for`.",
      vi: "Lặp lại sau khoảng thời gian này, tính từ đầu tới đầu; cần có `for`."),
  ]

  private static let what = [
    Declaration(
      "latency", .either(.duration(hour), .object(latency)), example: "{p50: 80ms, p99: 2s}",
      help: "So long the request waits: a duration, `{min, max}` (evenly spread) or `{p50, p99}` (log-normal).",
      vi: "Thời gian chờ: một khoảng, `{min, max}` (phân bố đều) hoặc `{p50, p99}` (log chuẩn)."),
    Declaration(
      "status", .integer(200...599), example: "503",
      help: "Answered in place of the far system, which is not asked.",
      vi: "Mã trả về thay cho hệ thống bên kia; hệ thống đó không được hỏi."),
    Declaration(
      "headers", .map(.any, .text(.any)), example: "{X-Reason: busy}", help: "Header fields beside `status`.",
      vi: "Các trường tiêu đề đi cùng `status`."),
    Declaration(
      "retryAfter", .duration(hour), example: "7s", help: "`Retry-After` beside `status`.",
      vi: "`Retry-After` đi cùng `status`."),
    Declaration(
      "close", .wordOr(["before", "after"], .integer(0...1_000_000_000)), example: "after",
      help: "The connection is closed: before or after the far system acts, or after so many bytes of the body.",
      vi: "Đóng kết nối: trước hoặc sau khi hệ thống bên kia xử lý, hoặc sau từng này byte của thân."),
    Declaration(
      "fault", .choice(faults), example: "reset",
      help: "Reset before anything is done, no answer ever, reset in the middle, bytes that are no HTTP, a slow body, "
        + "the request twice, the answer after the next one's, or an expired certificate (of a mock with TLS; it "
        + "strikes connections, so it stands without method and path).",
      vi: "Ngắt trước khi xử lý, không bao giờ trả lời, ngắt giữa chừng, byte không phải HTTP, thân chậm, yêu cầu hai "
        + "lần, trả lời sau yêu cầu kế tiếp, hoặc chứng thư hết hạn (mô phỏng có TLS; tính theo kết nối nên không dùng "
        + "cùng method và path)."),
    Declaration(
      "bytesPerSecond", .integer(1...1_000_000_000), example: "100",
      help: "How fast the body comes; for `fault: drip`.",
      vi: "Tốc độ của thân; dùng với `fault: drip`."),
    Declaration(
      "holdMax", .duration(span), example: "5s",
      help: "So long the answer is held back at most; for `fault: outOfOrder`, left out: 5s.",
      vi: "Giữ câu trả lời nhiều nhất chừng này; dùng với `fault: outOfOrder`, bỏ trống: 5s."),
  ]

  private static let latency = ObjectShape(
    "latency",
    [
      ("min", "At least, evenly spread.", "Ít nhất, phân bố đều."),
      ("max", "At most, evenly spread.", "Nhiều nhất, phân bố đều."),
      ("p50", "Half wait no longer.", "Một nửa chờ không quá chừng này."),
      ("p99", "99 of a hundred wait no longer.", "99 phần trăm chờ không quá chừng này."),
    ].map { Declaration($0.0, .duration(hour), example: "80ms", help: $0.1, vi: $0.2) })
}
