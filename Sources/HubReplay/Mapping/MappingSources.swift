internal import HubKit
internal import HubRouting

/// Where in the mappings of routes a place in what they make comes from, by name: a hint for whoever looks for the
/// cause of a difference, not a proof.
struct MappingSources: Sendable {
  private let routes: [String: Route]

  /// Most lines that are named for one place.
  private static let linesMax = 2

  init(_ routes: [Route]) {
    self.routes = Dictionary(routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The lines from which a difference comes, as in `mappings/progress.jq:27`; nil: none is known.
  func lines(of difference: Difference) -> [String]? {
    guard let route = routes[difference.route] else { return nil }
    let mappings: [RouteMapping]
    switch difference.kind {
    case .body:
      let call = route.enrich.first { "call \($0.name)" == difference.subject }
      mappings = call.map { [.jq($0.with)] } ?? (difference.subject.isEmpty ? route.map : [])
    case .answer: mappings = route.reply?.map ?? []
    default: mappings = []
    }
    return Self.lines(of: difference.place, in: mappings)
  }

  /// The lines in which the member or element at a JSON pointer is made: by its own name, else by that of what it
  /// stands in.
  static func lines(of pointer: String, in mappings: [RouteMapping]) -> [String]? {
    let names = pointer.split(separator: "/").map { step in
      String(step).replacing("~1", with: "/").replacing("~0", with: "~")
    }
    var first: [String] = []
    for end in names.indices.reversed() where !["*", "#text", "#order"].contains(names[end]) {
      guard Int(names[end]) == nil else { continue }
      // What is mapped last has the last word.
      let found = mappings.reversed().flatMap { lines(of: names[...end], in: $0) }
      if (1...linesMax).contains(found.count) { return found }
      if first.isEmpty { first = Array(found.prefix(linesMax)) }
    }
    return first.isEmpty ? nil : first
  }

  private static func lines(of path: ArraySlice<String>, in mapping: RouteMapping) -> [String] {
    let numbers =
      switch mapping {
      case .jq(let source): JqMembers(source.text).lines(of: Array(path))
      case .xslt(let source): StylesheetNames.lines(of: path.last ?? "", in: source.text)
      }
    return numbers.map { mapping.source.line($0) }
  }
}

extension TextSource {
  /// A line of it, where its author finds it.
  fileprivate func line(_ number: Int) -> String {
    isInline ? "\(place.file):\(place.line + number - 1)" : "\(name):\(number)"
  }
}

/// Elements and attributes that a stylesheet makes, by name.
enum StylesheetNames {
  /// The lines in which an element, or an attribute when the name begins with `@`, is made.
  static func lines(of name: String, in text: String) -> [Int] {
    let isAttribute = name.hasPrefix("@")
    let bare = isAttribute ? String(name.dropFirst()) : name
    guard !bare.isEmpty else { return [] }
    let marks = isAttribute ? [" \(bare)=\"", "\t\(bare)=\""] : ["<\(bare) ", "<\(bare)>", "<\(bare)/"]
    let made = "<xsl:\(isAttribute ? "attribute" : "element") name=\"\(bare)\""
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
      if line.contains(made) { return index + 1 }
      // Instructions have attributes of their own, which come into no message.
      guard !isAttribute || line.contains(/<(?!xsl:)[\p{L}_]/) || !line.contains("<") else { return nil }
      let isThere = marks.contains { line.contains($0) } || !isAttribute && line.hasSuffix("<\(bare)")
      return isThere ? index + 1 : nil
    }
  }
}
