/// A piece of HTML. It can only be made of elements, escaped text and literals of this program, so that no name or
/// reason from outside can become markup.
struct HTML: Sendable {
  /// Finished markup.
  fileprivate(set) var markup: String

  fileprivate init(markup: String) { self.markup = markup }

  /// Text from anywhere.
  init(_ text: some StringProtocol) { markup = Self.escaped(text) }

  /// Markup that stands in the source: style, script, icons. `StaticString` keeps values from outside away.
  init(literal: StaticString) { markup = literal.description }

  /// Nothing.
  static let nothing = HTML(markup: "")

  /// Escapes for text and for quoted attribute values alike. Control characters, which HTML does not allow, and the
  /// bidirectional ones, by which a name could change the look of its neighbours, become U+FFFD.
  private static func escaped(_ text: some StringProtocol) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}",
        "\u{200E}", "\u{200F}", "\u{61C}":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An attribute. The name is ours, the value from anywhere.
  struct Attribute: Sendable {
    fileprivate let markup: String

    /// `name="value"`, or nothing at all when the value is nil.
    init(_ name: StaticString, _ value: String?) {
      markup = value.map { " \(name)=\"\(HTML.escaped($0))\"" } ?? ""
    }
  }

  /// An element with content.
  static func element(
    _ name: StaticString, _ attributes: [Attribute] = [], @HTMLBuilder _ content: () -> HTML = { .nothing }
  ) -> HTML {
    let inside = content().markup
    return HTML(markup: "<\(name)\(attributes.map(\.markup).joined())>\(inside)</\(name)>\(lineEnd(after: name))")
  }

  /// An element that has no content and no end tag.
  static func void(_ name: StaticString, _ attributes: [Attribute]) -> HTML {
    HTML(markup: "<\(name)\(attributes.map(\.markup).joined())>\(lineEnd(after: name))")
  }

  /// Pieces one after the other.
  static func joined(_ parts: [HTML]) -> HTML { HTML(markup: parts.map(\.markup).joined()) }

  /// Block elements end a line, so that the source of the page can be read and compared.
  private static func lineEnd(after name: StaticString) -> String {
    switch name.description {
    case "a", "b", "br", "code", "dd", "dt", "h1", "h2", "span", "strong", "td", "th", "time", "rect", "path": ""
    default: "\n"
    }
  }
}

/// Lets content be written as a list of pieces, with conditions and loops.
@resultBuilder
enum HTMLBuilder {
  static func buildExpression(_ piece: HTML) -> HTML { piece }
  static func buildExpression(_ text: String) -> HTML { HTML(text) }
  static func buildBlock(_ parts: HTML...) -> HTML { .joined(parts) }
  static func buildOptional(_ part: HTML?) -> HTML { part ?? .nothing }
  static func buildEither(first part: HTML) -> HTML { part }
  static func buildEither(second part: HTML) -> HTML { part }
  static func buildArray(_ parts: [HTML]) -> HTML { .joined(parts) }
}
