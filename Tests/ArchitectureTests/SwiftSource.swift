/// A Swift file taken apart just far enough to count: code without comments and without what stands in literals, and
/// the comments by line.
struct SwiftSource: Sendable {
  /// Path from the top of the repository.
  let path: String
  /// The file's lines with comments, string contents and regular expressions blanked out, byte by byte.
  let code: [String]
  /// What comments say on each line; empty where there is none.
  let comments: [String]

  init(_ text: String, path: String) {
    self.path = path
    var scanner = Scanner(text)
    scanner.scan()
    code = Self.lines(scanner.code)
    comments = Self.lines(scanner.comments)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// Walks over the bytes once; what it takes goes to ``code`` or to ``comments``, line ends to both.
  private struct Scanner {
    private let text: [UInt8]
    private var position = 0
    private(set) var code: [UInt8] = []
    private(set) var comments: [UInt8] = []

    init(_ text: String) {
      self.text = Array(text.utf8)
      code.reserveCapacity(self.text.count)
    }

    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let slash = UInt8(ascii: "/")
    private static let backslash = UInt8(ascii: "\\")
    private static let star = UInt8(ascii: "*")
    private static let quote = UInt8(ascii: "\"")
    private static let sign = UInt8(ascii: "#")
    private static let open = UInt8(ascii: "(")
    private static let close = UInt8(ascii: ")")
    private static let beforeValue = Array("(,=:[{\n".utf8)

    private func byte(_ offset: Int = 0) -> UInt8 {
      position + offset < text.count ? text[position + offset] : 0
    }

    private mutating func take(_ count: Int, asCode: Bool) {
      for _ in 0..<count where position < text.count {
        let byte = text[position]
        position += 1
        if byte == Self.newline {
          code.append(byte)
          comments.append(byte)
        } else {
          code.append(asCode ? byte : Self.space)
        }
      }
    }

    mutating func scan() { scanCode(inInterpolation: false) }

    /// Code up to the end, or up to the parenthesis that closes an interpolation.
    private mutating func scanCode(inInterpolation: Bool) {
      var depth = 0
      while position < text.count {
        let here = byte()
        if here == Self.slash, byte(1) == Self.slash {
          scanLineComment()
        } else if here == Self.slash, byte(1) == Self.star {
          scanBlockComment()
        } else if here == Self.quote || here == Self.sign, let signs = stringStart() {
          scanString(signs: signs)
        } else if here == Self.slash, isRegexStart() {
          scanRegex()
        } else {
          if inInterpolation, here == Self.open { depth += 1 }
          if inInterpolation, here == Self.close {
            depth -= 1
            if depth < 0 { return }
          }
          take(1, asCode: true)
        }
      }
    }

    private mutating func scanLineComment() {
      while position < text.count, byte() != Self.newline {
        comments.append(byte())
        take(1, asCode: false)
      }
    }

    private mutating func scanBlockComment() {
      var depth = 0
      repeat {
        if byte() == Self.slash, byte(1) == Self.star {
          depth += 1
          take(2, asCode: false)
        } else if byte() == Self.star, byte(1) == Self.slash {
          depth -= 1
          take(2, asCode: false)
        } else {
          if byte() != Self.newline { comments.append(byte()) }
          take(1, asCode: false)
        }
      } while depth > 0 && position < text.count
    }

    /// How many number signs stand before a quote that begins here; nil when no string begins here.
    private func stringStart() -> Int? {
      var signs = 0
      while byte(signs) == Self.sign { signs += 1 }
      return byte(signs) == Self.quote ? signs : nil
    }

    /// Whether `count` bytes from `offset` on are all `wanted`.
    private func repeats(_ wanted: UInt8, _ count: Int, at offset: Int) -> Bool {
      (0..<count).allSatisfy { byte(offset + $0) == wanted }
    }

    private mutating func scanString(signs: Int) {
      take(signs, asCode: false)
      let quotes = repeats(Self.quote, 3, at: 0) ? 3 : 1
      take(quotes, asCode: true)
      while position < text.count {
        if repeats(Self.quote, quotes, at: 0), repeats(Self.sign, signs, at: quotes) {
          take(quotes, asCode: true)
          take(signs, asCode: false)
          return
        }
        if byte() == Self.backslash, repeats(Self.sign, signs, at: 1) {
          let isInterpolation = byte(1 + signs) == Self.open
          take(2 + signs, asCode: false)
          if isInterpolation { scanInterpolation() }
        } else if quotes == 1, byte() == Self.newline {
          return
        } else {
          take(1, asCode: false)
        }
      }
    }

    /// Interpolated code is walked over with its own strings in it, and counts as content of the string.
    private mutating func scanInterpolation() {
      let before = code.count
      scanCode(inInterpolation: true)
      for index in before..<code.count where code[index] != Self.newline { code[index] = Self.space }
      take(1, asCode: false)
    }

    /// A regular expression between slashes stands where a value does; a division never does.
    private func isRegexStart() -> Bool {
      guard byte(1) != Self.space, byte(1) != Self.newline else { return false }
      return code.last { $0 != Self.space }.map { Self.beforeValue.contains($0) } ?? true
    }

    private mutating func scanRegex() {
      take(1, asCode: false)
      while position < text.count, byte() != Self.slash, byte() != Self.newline {
        take(byte() == Self.backslash ? 2 : 1, asCode: false)
      }
      take(1, asCode: false)
    }
  }
}
