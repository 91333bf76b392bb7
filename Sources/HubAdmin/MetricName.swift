/// Turns what code calls a meter into a name that Prometheus allows and that says whose it is and what it counts in.
enum MetricName {
  /// Every name begins so.
  static let prefix = "lgsp_"

  /// A counter's name ends in `_total`.
  static func counter(_ label: String) -> String { suffixed(label, "_total") }

  /// A timer's name ends in its unit, seconds.
  static func timer(_ label: String) -> String { suffixed(label, "_seconds") }

  /// A gauge's or a recorder's name.
  static func plain(_ label: String) -> String {
    let name = allowed(label)
    return name.hasPrefix(prefix) ? name : prefix + name
  }

  /// A label's name; one that the format needs for itself is set apart.
  static func label(_ text: String) -> String {
    let name = allowed(text)
    return name.isEmpty || name.hasPrefix("__") || name == "le" || name.first?.isNumber == true ? "x_" + name : name
  }

  private static func suffixed(_ label: String, _ suffix: String) -> String {
    let name = plain(label)
    return name.hasSuffix(suffix) ? name : name + suffix
  }

  private static func allowed(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_": Character(scalar)
        default: "_"
        }
      })
  }
}
