internal import HubAdmin
internal import HubKit

/// Redelivery jobs as people read them.
enum RedeliveryText {
  static func showTable(_ jobs: [ControlRedelivery]) {
    Output.table(
      [
        "Đợt / job", "Lúc / ordered", "Trạng thái / state", "Chọn / selected", "Giao lại / put back",
        "Đã chuyển / delivered", "Lại lỗi / failed", "Không được / refused", "Bộ lọc / filter", "Lý do / reason",
      ],
      jobs.map { job in
        [
          "\(job.job)", job.ordered.description, job.state, job.selected.map(String.init) ?? "…", "\(job.putBack)",
          "\(job.delivered)", "\(job.failed)", "\(job.refused)", filter(job), job.reason,
        ]
      })
    Output.line("\(jobs.count) đợt / jobs")
  }

  static func show(_ job: ControlRedelivery) {
    Output.line("Đợt / job \(job.job): \(label(job.state))")
    Output.line("  bộ lọc / filter        \(filter(job))")
    Output.line("  lý do / reason         \(job.reason) (\(job.by), \(job.ordered))")
    if job.state != "running" {
      Output.line("  vì sao / state since   \(job.stateReason) (\(job.stateBy), \(job.stateSince))")
    }
    Output.line("  nhịp / rate            \(rate(job))")
    Output.line("  chọn / selected        \(job.selected.map(String.init) ?? "đang đếm / counting")")
    Output.line("  giao lại / put back    \(job.putBack), không được / refused \(job.refused)")
    Output.line(
      "  đã chuyển / delivered  \(job.delivered), lại lỗi / failed again \(job.failed), chờ / open \(job.open)")
    for failure in job.failures ?? [] { Output.line("  \(failure.id)  \(failure.end)  \(failure.reason ?? "")") }
  }

  /// How far a job has gone, in a line.
  static func progress(_ job: ControlRedelivery) -> String {
    let all = job.selected.map(String.init) ?? "…"
    return "Đợt / job \(job.job): \(job.putBack + job.refused)/\(all), đã chuyển / delivered \(job.delivered), "
      + "lại lỗi / failed again \(job.failed), không được / refused \(job.refused)"
  }

  /// How many of each kind there are, the most first.
  static func showCounts(_ letters: [ControlDeadLetter]) {
    struct Kind: Hashable { var endpoint, state, code: String }
    var counts: [Kind: Int] = [:]
    for letter in letters {
      counts[Kind(endpoint: letter.endpoint ?? "-", state: letter.state, code: letter.code ?? "-"), default: 0] += 1
    }
    let rows = counts.sorted { left, right in
      (-left.value, left.key.endpoint, left.key.code) < (-right.value, right.key.endpoint, right.key.code)
    }
    Output.line()
    Output.table(
      ["Nơi đến / to", "Trạng thái / state", "Mã lỗi / code", "Số lượng / count"],
      rows.map { [$0.key.endpoint, $0.key.state, $0.key.code, "\($0.value)"] })
  }

  private static func filter(_ job: ControlRedelivery) -> String {
    let fields = job.order.filter.fields.map { "\($0.name) \($0.value)" }
    return fields.isEmpty ? "tất cả / all" : fields.joined(separator: ", ")
  }

  private static func rate(_ job: ControlRedelivery) -> String {
    let rate = job.order.rate ?? ControlRedeliveryOrder.rateDefault
    var text = "\(number(rate))/s"
    if let share = job.order.errorShareMax { text += ", dừng khi lỗi / stop at errors \(number(share * 100))%" }
    if let limit = job.order.limit { text += ", nhiều nhất / at most \(limit)" }
    return text
  }

  /// Without a fraction where there is none, else in tenths and hundredths.
  private static func number(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }

  private static func label(_ state: String) -> String {
    switch state {
    case "running": "đang chạy / running"
    case "paused": "tạm ngừng / paused"
    case "stopped": "đã dừng / stopped"
    case "done": "đã xong / done"
    default: state
    }
  }
}
