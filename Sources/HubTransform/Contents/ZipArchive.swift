/// A ZIP archive in memory (APPNOTE 6.3), as word processors and attachments use it: its entries as the central
/// directory names them.
struct ZipArchive {
  /// Why it cannot be read.
  enum Problem: Error, Hashable, CustomStringConvertible {
    case damaged, encrypted, tooLarge
    case method(Int)

    var description: String {
      switch self {
      case .damaged: "damaged"
      case .encrypted: "encrypted"
      case .tooLarge: "too large"
      case .method(let number): "packed by method \(number)"
      }
    }
  }

  struct Entry {
    var name, comment: String
    /// The name as it stands there: nothing says in which code.
    var rawName: [UInt8]
    /// How many bytes come out, as it says itself.
    var unpacked: Int
    fileprivate var flags, method, packed, place: Int
  }

  private static let entriesMax = 10_000

  let entries: [Entry]
  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) throws(Problem) {
    self.bytes = bytes
    let end = Array("PK".utf8) + [5, 6]
    guard bytes.count >= 22,
      let tail = bytes.indices.dropLast(21).reversed().first(where: { bytes[$0...].starts(with: end) })
    else { throw .damaged }
    let count = Self.number(bytes, at: tail + 10, 2)
    guard count <= Self.entriesMax else { throw .tooLarge }
    var place = Self.number(bytes, at: tail + 16, 4)
    var entries: [Entry] = []
    for _ in 0..<count {
      guard place + 46 <= bytes.count, bytes[place...].starts(with: Array("PK".utf8) + [1, 2]) else { throw .damaged }
      let (name, extra, comment) = (
        Self.number(bytes, at: place + 28, 2), Self.number(bytes, at: place + 30, 2),
        Self.number(bytes, at: place + 32, 2)
      )
      let next = place + 46 + name + extra + comment
      guard next <= bytes.count else { throw .damaged }
      entries.append(
        Entry(
          name: String(decoding: bytes[place + 46..<place + 46 + name], as: UTF8.self),
          comment: String(decoding: bytes[next - comment..<next], as: UTF8.self),
          rawName: Array(bytes[place + 46..<place + 46 + name]), unpacked: Self.number(bytes, at: place + 24, 4),
          flags: Self.number(bytes, at: place + 8, 2), method: Self.number(bytes, at: place + 10, 2),
          packed: Self.number(bytes, at: place + 20, 4),
          place: Self.number(bytes, at: place + 42, 4)))
      place = next
    }
    self.entries = entries
  }

  /// What an entry holds.
  func bytes(of entry: Entry, limit: Int) throws(Problem) -> [UInt8] {
    guard entry.flags & 1 == 0 else { throw .encrypted }
    guard entry.unpacked <= limit else { throw .tooLarge }
    guard entry.place + 30 <= bytes.count, bytes[entry.place...].starts(with: Array("PK".utf8) + [3, 4]) else {
      throw .damaged
    }
    let start =
      entry.place + 30 + Self.number(bytes, at: entry.place + 26, 2) + Self.number(bytes, at: entry.place + 28, 2)
    guard start + entry.packed <= bytes.count else { throw .damaged }
    let packed = bytes[start..<start + entry.packed]
    switch entry.method {
    case 0: return Array(packed)
    case 8:
      guard let unpacked = Inflate.bytes(packed, hasHeader: false, limit: limit) else { throw .damaged }
      return unpacked
    default: throw .method(entry.method)
    }
  }

  /// The name beside the bytes of an entry, which some programs unpack by; nil: there is none.
  func localName(of entry: Entry) -> [UInt8]? {
    let start = entry.place + 30
    guard start <= bytes.count, bytes[entry.place...].starts(with: Array("PK".utf8) + [3, 4]) else { return nil }
    return Array(bytes[start...].prefix(Self.number(bytes, at: entry.place + 26, 2)))
  }

  /// Little-endian.
  private static func number(_ bytes: [UInt8], at place: Int, _ count: Int) -> Int {
    (0..<count).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }
}
