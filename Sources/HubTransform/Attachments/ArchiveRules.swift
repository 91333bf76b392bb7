/// Archives that harm whoever unpacks them.
enum ArchiveRules {
  /// Up to here the ratio does not count, in bytes.
  private static let unpackedBytesFree = 64 << 20
  /// Most bytes that come out of one that went in.
  private static let ratioMax = 100
  /// Most bytes that come out at all.
  private static let unpackedBytesMax = 2 << 30

  /// Why an archive is refused: rule, reason, and the entry, from 1; nil: it is not.
  ///
  /// - Parameter byteCount: of the archive itself.
  static func refusal(of archive: ZipArchive, byteCount: Int) -> (rule: String, why: String, entry: Int?)? {
    var unpacked = 0
    for (index, entry) in archive.entries.enumerated() {
      unpacked += entry.unpacked
      for name in [entry.rawName, archive.localName(of: entry) ?? []] where escapes(name) {
        return ("archive-path", "the name of an entry leads out of its folder", index + 1)
      }
    }
    let isBomb =
      unpacked > unpackedBytesMax || (unpacked > unpackedBytesFree && unpacked > byteCount * ratioMax)
    return isBomb ? ("archive-bomb", "\(byteCount) bytes would become \(unpacked)", nil) : nil
  }

  /// Whether a name leads elsewhere: absolute, upwards, with a drive, or cut by a NUL.
  static func escapes(_ name: [UInt8]) -> Bool {
    if name.contains(0) { return true }
    let slash = UInt8(ascii: "/")
    let path = name.map { $0 == UInt8(ascii: "\\") ? slash : $0 }
    if path.first == slash { return true }
    if path.count > 1, path[1] == UInt8(ascii: ":"), path[0] | 0x20 >= 0x61, path[0] | 0x20 <= 0x7A { return true }
    return path.split(separator: slash).contains { $0.elementsEqual("..".utf8) }
  }
}
