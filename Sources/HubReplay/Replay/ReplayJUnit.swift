internal import HubKit

/// A replay's result as JUnit XML, for build servers: one case for each cause, one for all that stayed the same.
public enum ReplayJUnit {
  /// The document.
  public static func xml(_ report: ReplayReport, title: String) -> String {
    let causes = report.groups.map { group in
      let name = group.places.first.map(ReplayText.words) ?? ""
      let text = group.places.map { place in
        "\(ReplayText.words(place))\(from(place))\n  recorded: \(place.recorded ?? "-")\n  made: \(place.made ?? "-")"
      }
      let named = group.exchanges.prefix(10).map(\.text).joined(separator: " ")
      return testCase(
        group.route, "\(name) (\(group.count))", failure: "\(group.count) exchanges differ",
        (text + [named]).joined(separator: "\n"))
    }
    let lost =
      report.unplayed == 0
      ? []
      : [
        testCase(
          "bundle", "every exchange can be played", failure: "\(report.unplayed) could not be played",
          report.unplayable.map { "\($0.exchange?.text ?? "-"): \($0.reason)" }.joined(separator: "\n"))
      ]
    let failed = causes + lost
    let same = #"  <testcase classname="replay" name="\#(report.same) exchanges are the same"/>"#
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuite name="\(escaped(title))" tests="\(failed.count + 1)" failures="\(failed.count)" errors="0" skipped="0">
      \((failed + [same]).joined(separator: "\n"))
      </testsuite>

      """
  }

  private static func from(_ place: ReplayGroup.Place) -> String {
    place.source.map { "\n  from: \($0.joined(separator: ", "))" } ?? ""
  }

  private static func testCase(_ route: String, _ name: String, failure: String, _ text: String) -> String {
    """
      <testcase classname="\(escaped(route))" name="\(escaped(name))">
        <failure message="\(escaped(failure))">\(escaped(text))</failure>
      </testcase>
    """
  }

  /// Characters that XML 1.0 does not have would make the document unreadable.
  private static func escaped(_ text: String) -> String {
    let plain = text.unicodeScalars.filter { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" }
    return ReplayPage.escaped(String(String.UnicodeScalarView(plain)))
  }
}
