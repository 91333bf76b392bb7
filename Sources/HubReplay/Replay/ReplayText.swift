internal import HubKit

/// A replay's result for people.
public enum ReplayText {
  /// The result in lines: the sums, then each cause with one example.
  public static func lines(_ report: ReplayReport) -> [String] {
    var lines = [
      "giống / same \(report.same), khác / different \(report.different), "
        + "lời gọi mới / new calls \(report.newCalls), không còn gọi / missing calls \(report.missingCalls)"
    ]
    for (index, group) in report.groups.enumerated() {
      lines.append("")
      lines.append("\(index + 1). tuyến / route \(group.route): \(group.count) giao dịch / exchanges")
      for place in group.places.prefix(placesMax) {
        lines.append("   \(words(place))")
        if let source = place.source { lines.append("     từ / from: \(source.joined(separator: ", "))") }
        if place.recorded != nil || place.made != nil {
          lines.append("     trước / recorded: \(short(place.recorded))")
          lines.append("     nay   / made:     \(short(place.made))")
        }
      }
      if group.places.count > placesMax { lines.append("   … +\(group.places.count - placesMax)") }
      let named = group.exchanges.prefix(3).map(\.text).joined(separator: ", ")
      lines.append("   ví dụ / for example: \(named)")
    }
    return lines + notes(report)
  }

  private static let placesMax = 10

  /// What is to be known beside the differences.
  static func notes(_ report: ReplayReport) -> [String] {
    var lines: [String] = []
    if report.unplayed > 0 {
      lines.append("Không phát lại được / could not be played: \(report.unplayed)")
      lines += report.unplayable.prefix(10).map { "  \($0.exchange?.text ?? "-"): \($0.reason)" }
    }
    if report.odd > 0 {
      lines.append(
        "\(report.odd) giao dịch trong sổ đi đường khác với cấu hình khi đó / exchanges went another way in the "
          + "journal than their own configuration takes them: an operator stepped in, or a program changed since.")
    }
    if !report.volatile.isEmpty {
      let places = report.volatile.map { "\($0.subject) \($0.place)" }.joined(separator: ", ")
      lines.append("Tự thay đổi mỗi lần, không so / changes by itself, not compared: \(places)")
    }
    for ignored in report.ignored {
      lines.append("Đã xác nhận / confirmed: \(ignored.name): \(ignored.count)")
    }
    if report.untold > 0 { lines.append("Còn khác biệt không kể / differences not told: \(report.untold)") }
    return lines.isEmpty ? [] : [""] + lines
  }

  /// One place in words, as in `body /hoTen`.
  static func words(_ place: ReplayGroup.Place) -> String { words(place.kind, place.subject, place.place) }

  /// The same of one exchange's difference.
  static func words(_ difference: Difference) -> String {
    words(difference.kind, difference.subject, difference.place)
  }

  private static func words(_ kind: Difference.Kind, _ subject: String, _ place: String) -> String {
    let kind =
      switch kind {
      case .refusal: "cửa từ chối / refused at the door"
      case .route: "tuyến khác / another route"
      case .violations: "vi phạm / violations"
      case .newCall: "lời gọi mới / new call"
      case .missingCall: "không còn gọi / call not made any more"
      case .body: "nội dung / body"
      case .request: "yêu cầu / request"
      case .delivery: "lượt giao / delivery"
      case .end: "kết thúc / end"
      case .answer: "trả lời / answer"
      }
    return [kind, subject, place].filter { !$0.isEmpty }.joined(separator: "  ")
  }

  private static func short(_ text: String?) -> String {
    guard let text else { return "-" }
    let line = text.replacing("\n", with: " ")
    return line.count > 200 ? line.prefix(200) + "…" : line
  }
}
