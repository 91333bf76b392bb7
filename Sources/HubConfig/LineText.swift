/// A text that is changed line by line; everything that is not named stays byte for byte.
struct LineText {
  private(set) var text: String

  init(_ text: String) { self.text = text }

  /// The line break that the text uses.
  var lineBreak: String {
    text.first { $0.isNewline } == "\r\n" ? "\r\n" : "\n"
  }

  /// A line without its break, by its number from 1.
  func line(_ number: Int) -> Substring? {
    ranges.indices.contains(number - 1) ? text[ranges[number - 1].content] : nil
  }

  /// Puts lines after a line; 0 puts them in front.
  mutating func insert(_ lines: [String], afterLine number: Int) {
    let ranges = self.ranges
    let position = number == 0 ? text.startIndex : ranges[min(number, ranges.count) - 1].end
    // The last line may lack its break.
    let opening = position > text.startIndex && !text[text.index(before: position)].isNewline ? lineBreak : ""
    text.insert(contentsOf: opening + lines.map { $0 + lineBreak }.joined(), at: position)
  }

  mutating func remove(line number: Int) {
    guard ranges.indices.contains(number - 1) else { return }
    let range = ranges[number - 1]
    text.removeSubrange(range.content.lowerBound..<range.end)
  }

  mutating func replace(line number: Int, with line: String) {
    guard ranges.indices.contains(number - 1) else { return }
    text.replaceSubrange(ranges[number - 1].content, with: line)
  }

  /// How many lines there are; an empty piece after the last break is none.
  var count: Int { ranges.count }

  private var ranges: [(content: Range<String.Index>, end: String.Index)] {
    var ranges: [(content: Range<String.Index>, end: String.Index)] = []
    var start = text.startIndex
    while start < text.endIndex {
      let stop = text[start...].firstIndex { $0.isNewline } ?? text.endIndex
      let end = stop < text.endIndex ? text.index(after: stop) : stop
      ranges.append((start..<stop, end))
      start = end
    }
    return ranges
  }
}
