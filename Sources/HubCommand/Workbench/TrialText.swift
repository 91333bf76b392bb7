internal import HubReplay

extension Trial.Report {
  /// What came of it, for people: each step with its input and output, laid out.
  var text: String {
    var lines: [String] = []
    var shown: String?
    for (index, step) in steps.enumerated() {
      lines.append("\(step.goesOn ? "✓" : "✗") \(index + 1). \(Self.title(step.kind))  \(step.source)")
      // What stands above need not be shown again.
      if step.input != shown, !step.input.isEmpty { lines.append(Self.indented("vào / in", step.input)) }
      shown = step.kind == "enrich" ? shown : step.input
      if let output = step.output { lines.append(Self.indented("ra / out", output)) }
      if step.kind == "map" { shown = step.output }
      if step.kind == "enrich", step.output == nil { lines.append("     ra / out: không có / nothing") }
      lines += step.violations.map { "     ! \($0)" }
    }
    for delivery in deliveries {
      let receiver = delivery.receiver.map { " (\($0))" } ?? ""
      lines.append("→ \(delivery.endpoint)\(receiver): \(delivery.state), \(delivery.mediaType ?? "")")
      if delivery.body == sample {
        lines.append("     gửi / sent: nguyên vẹn / unchanged")
      } else if delivery.body != shown {
        lines.append(Self.indented("gửi / sent", delivery.body))
      }
    }
    if let answer { lines.append(Self.indented("← trả lời bên hỏi / the caller gets", answer)) }
    return (lines + ending).joined(separator: "\n")
  }

  private var ending: [String] {
    var words: [String] = []
    if let state { words.append("Kết cục / outcome: \(state)") }
    if let reason { words.append(reason) }
    var lines = words.isEmpty ? [] : [words.joined(separator: ": ")]
    if let state, state.isEmpty == false, route != subject {
      lines.append("Hub sẽ chọn tuyến / the hub would choose the route: \(route ?? "không có / none")")
    }
    return lines
  }

  private static func title(_ kind: String) -> String {
    switch kind {
    case "when": "điều kiện / when"
    case "validate": "kiểm tra / validate"
    case "keys": "khoá tra cứu / key"
    case "enrich": "hỏi thêm / enrich"
    case "map": "ánh xạ / map"
    case "split": "tách / split"
    case "reply": "trả lời / reply"
    default: "cửa vào / door"
    }
  }

  private static func indented(_ label: String, _ text: String) -> String {
    guard !text.isEmpty else { return "     \(label): –" }
    let laidOut = JSONLayout.lines(Array(text.utf8)) ?? text
    let lines = laidOut.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count > 1 else { return "     \(label): \(laidOut)" }
    return "     \(label):\n" + lines.map { "       \($0)" }.joined(separator: "\n")
  }
}
