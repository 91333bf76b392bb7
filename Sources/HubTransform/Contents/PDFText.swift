/// Reads the text layer of PDF files, with the tools of Poppler, each in a process of its own with little memory and
/// time: PDF files come from anywhere.
public struct PDFText: Sendable {
  /// What a file holds.
  public struct Contents: Sendable, Hashable {
    /// The text of each page.
    public var pages: [String]
    /// Title, author and the like, one a line.
    public var properties: String
    /// How many pictures there are, in which text may stand that is none.
    public var pictures: Int
    /// Whether other files lie in it.
    public var hasFiles: Bool
  }

  /// Why a file cannot be read.
  public enum Problem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Debian's package `poppler-utils` is not installed.
    case noTool
    /// It wants a password.
    case encrypted
    /// It is none, or damaged.
    case damaged
    /// It takes more time, memory or text than is allowed.
    case tooLarge

    /// In words.
    public var description: String {
      switch self {
      case .noTool: "pdftotext is not installed (package poppler-utils)"
      case .encrypted: "encrypted"
      case .damaged: "damaged"
      case .tooLarge: "takes too much time or memory"
      }
    }
  }

  private let limits: ToolRun.Limits

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - memoryMax: of each tool, in bytes.
  ///   - timeMax: of each tool.
  ///   - textBytesMax: most text.
  public init(memoryMax: Int = 1 << 30, timeMax: Duration = .seconds(20), textBytesMax: Int = 64 << 20) {
    limits = ToolRun.Limits(memoryMax: memoryMax, timeMax: timeMax, outputBytesMax: textBytesMax)
  }

  /// The text of each page. Blocks the thread until the tool has ended.
  public func pages(of pdf: [UInt8]) throws(Problem) -> [String] {
    let text = try run("pdftotext", ["-q", "-enc", "UTF-8", "-", "-"], pdf)
    var pages = text.split(separator: "\u{C}", omittingEmptySubsequences: false).map(String.init)
    // Each page ends with a form feed.
    if pages.last?.isEmpty == true { pages.removeLast() }
    return pages
  }

  /// All that can be told of a file. Blocks the thread until the tools have ended.
  public func contents(of pdf: [UInt8]) throws(Problem) -> Contents {
    let pages = try pages(of: pdf)
    let pictures = try run("pdfimages", ["-list", "-"], pdf).split(separator: "\n").dropFirst(2).count
    return Contents(
      pages: pages, properties: try run("pdfinfo", ["-enc", "UTF-8", "-"], pdf), pictures: pictures,
      hasFiles: Self.hasFiles(pdf))
  }

  /// The pages on which pictures are, from 1. Blocks the thread until the tool has ended.
  public func pagesWithPictures(of pdf: [UInt8]) throws(Problem) -> Set<Int> {
    let lines = try run("pdfimages", ["-list", "-"], pdf).split(separator: "\n").dropFirst(2)
    return Set(lines.compactMap { line in line.split(separator: " ").first.flatMap { Int($0) } })
  }

  /// Most bytes of one stream of objects.
  private static let objectsBytesMax = 16 << 20

  /// Whether other files lie in it. Poppler's tool for them wants a file on the disk, so it is looked for in the
  /// objects, plain or packed; packed ones that cannot be unpacked count as such.
  static func hasFiles(_ pdf: [UInt8]) -> Bool {
    let mark = Array("/EmbeddedFile".utf8)
    if pdf.firstRange(of: mark) != nil { return true }
    var position = pdf.startIndex
    while let objects = pdf[position...].firstRange(of: Array("/ObjStm".utf8)) {
      guard let word = pdf[objects.upperBound...].firstRange(of: Array("stream".utf8)) else { return true }
      position = word.upperBound
      let start = pdf[position...].prefix(2).lastIndex(of: 0x0A).map { $0 + 1 } ?? position
      guard let inside = Inflate.bytes(pdf[start...], hasHeader: true, limit: objectsBytesMax),
        inside.firstRange(of: mark) == nil
      else { return true }
    }
    return false
  }

  private func run(_ tool: String, _ arguments: [String], _ pdf: [UInt8]) throws(Problem) -> String {
    let result: ToolRun.Result
    do { result = try ToolRun.run("/usr/bin/\(tool)", arguments, input: pdf, limits) } catch {
      throw error == .missing ? .noTool : .tooLarge
    }
    guard result.status == 0 else {
      let words = String(decoding: result.errors, as: UTF8.self)
      throw words.contains("ncorrect password") || result.status == 3 ? .encrypted : .damaged
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
