import HubKit

/// How much passed in the last minutes: bars for all flows together, then each flow with its own small ones.
struct FlowSection {
  let snapshot: OverviewSnapshot

  /// Most flows shown; the rest is in `/status.json`.
  private static let flowsMax = 8

  var html: HTML {
    .element("section", [.init("class", "card flow"), .init("aria-labelledby", "flow")]) {
      HTML.element("h2", [.init("id", "flow")]) {
        Bilingual("Tiếp nhận mỗi phút, \(total.count) phút qua", "Accepted each minute, last \(total.count)").html
      }
      HTML.element("div", [.init("class", "columns")]) {
        HTML.element("figure") {
          Chart(values: total, height: 120, label: label(total)).html
          HTML.element("figcaption") {
            HTML.element("span") { axis }
            HTML.element("span") {
              Bilingual("cao nhất", "peak").html
              HTML(" ")
              HTML.element("b") { Figures.count(total.max() ?? 0) }
            }
            HTML.element("span") { Bilingual("bây giờ", "now").html }
          }
        }
        HTML.element("ul", [.init("class", "flows")]) {
          for flow in snapshot.flows.prefix(Self.flowsMax) { row(flow) }
          if snapshot.flows.isEmpty {
            HTML.element("li", [.init("class", "empty")]) { Bilingual("Chưa có luồng nào", "No flow yet").html }
          }
        }
      }
    }
  }

  /// All flows together, minute by minute, counted from the latest back.
  private var total: [Int] {
    let length = max(1, snapshot.flows.map(\.perMinute.count).max() ?? 60)
    var sums = Array(repeating: 0, count: length)
    for flow in snapshot.flows {
      for (age, count) in flow.perMinute.reversed().enumerated() { sums[length - 1 - age] += count }
    }
    return sums
  }

  private var axis: String { "−\(total.count) min" }

  private func label(_ values: [Int]) -> String {
    let sum = Figures.count(values.reduce(0, +))
    let peak = Figures.count(values.max() ?? 0)
    return Bilingual(
      "\(sum) bản tin trong \(values.count) phút, phút cao nhất \(peak)",
      "\(sum) messages in \(values.count) minutes, busiest minute \(peak)"
    ).line
  }

  private func row(_ flow: FlowRow) -> HTML {
    .element("li") {
      HTML.element("code") { flow.name }
      Chart(values: flow.perMinute, height: 20, label: label(flow.perMinute)).html
      HTML.element("b") { Figures.count(flow.perMinute.reduce(0, +)) }
    }
  }
}

/// Bars, drawn by SVG attributes: a strict policy lets no style attribute through.
struct Chart {
  let values: [Int]
  let height: Int
  let label: String

  var html: HTML {
    let step = 10
    let peak = max(1, values.max() ?? 1)
    return .element(
      "svg",
      [
        .init("class", "chart"), .init("role", "img"), .init("aria-label", label),
        .init("viewBox", "0 0 \(max(1, values.count) * step) \(height)"), .init("preserveAspectRatio", "none"),
      ]
    ) {
      for (index, value) in values.enumerated() {
        // A minute with anything in it shows, however small; one with nothing is a hairline.
        let bar = value == 0 ? 1 : max(2, value * height / peak)
        HTML.element(
          "rect",
          [
            .init("class", value == 0 ? "none" : nil), .init("x", String(index * step)),
            .init("y", String(height - bar)), .init("width", String(step - 3)), .init("height", String(bar)),
          ])
      }
    }
  }
}
