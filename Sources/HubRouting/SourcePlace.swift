/// Where something stands in the configuration, so that whoever finds a mistake later can name the place.
public struct SourcePlace: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
  /// Path of the file, relative to the configuration folder.
  public var file: String
  /// Line, from 1.
  public var line: Int
  /// Column in Unicode scalars, from 1.
  public var column: Int

  /// Creates a place.
  public init(file: String, line: Int = 1, column: Int = 1) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`, as compilers write it and editors understand it.
  public var description: String { "\(file):\(line):\(column)" }

  /// Orders by file, then by place in the file.
  public static func < (left: SourcePlace, right: SourcePlace) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

/// Program or schema text that a route uses: jq, XSLT, XSD or JSON Schema. HubRouting never looks inside.
public struct TextSource: Sendable, Hashable {
  /// The file's path relative to the configuration folder, or for text that stands in the route itself the file and
  /// the key, as in `routes/20-progress.yaml#when`.
  public var name: String
  /// The whole text.
  public var text: String
  /// Where the route names the file, or where the text begins when it stands in the route itself. A mistake in line n
  /// of an inline text lies in line `place.line + n - 1` of the route's file.
  public var place: SourcePlace

  /// Creates a source.
  public init(name: String, text: String, place: SourcePlace) {
    self.name = name
    self.text = text
    self.place = place
  }

  /// True when the text stands in the route itself, not in a file of its own.
  public var isInline: Bool { name.contains("#") }
}
