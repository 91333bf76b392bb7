/// Finds names in the bytes of a PDF file, and the objects in which they stand. No table of the file is believed: what
/// a signature covers are bytes, and whoever forges one begins with the tables.
struct PDFMarks {
  /// How far before a name its object may begin, in bytes.
  private static let objectBytesMax = 8 << 20

  let pdf: [UInt8]

  /// Where the slashes of names stand, however these are written.
  ///
  /// - Parameter limit: most of each name.
  func positions(of names: [String], limit: Int) -> [String: [Int]] {
    var found: [String: [Int]] = [:]
    let starts = Set(names.compactMap(\.utf8.first) + [UInt8(ascii: "#")])
    pdf.withUnsafeBufferPointer { bytes in
      for position in 0..<max(bytes.count - 1, 0)
      where bytes[position] == UInt8(ascii: "/") && starts.contains(bytes[position + 1]) {
        var reader = PDFReader(pdf[...], at: position)
        guard let name = reader.name(), names.contains(name), found[name, default: []].count < limit else { continue }
        found[name, default: []].append(position)
      }
    }
    return found
  }

  /// An object whose value has a key at a place.
  struct Found {
    /// The innermost dictionary with the key.
    var dictionary: [PDFValue.Entry]
    /// The whole value.
    var value: PDFValue
  }

  /// The object in which a key stands, as far as it can be read.
  func object(withKeyAt position: Int) -> Found? {
    let earliest = max(position - Self.objectBytesMax, 0)
    var (at, tries) = (position, 0)
    while at >= earliest + 4, tries < 16 {
      at -= 1
      guard pdf[at] == UInt8(ascii: "j"), pdf[at - 1] == UInt8(ascii: "b"), pdf[at - 2] == UInt8(ascii: "o"),
        PDFReader.isSpace(pdf[at - 3])
      else { continue }
      tries += 1
      var reader = PDFReader(pdf[...], at: at + 1)
      guard let value = reader.value(), let dictionary = value.dictionary(withKeyAt: position)?.entries else {
        continue
      }
      return Found(dictionary: dictionary, value: value)
    }
    return nil
  }

  /// The bytes of a stream whose dictionary ends at a place, if that says how many there are and is right.
  func stream(after dictionary: PDFValue) -> Range<Int>? {
    guard let length = dictionary.entries?.single("Length")?.number else { return nil }
    var reader = PDFReader(pdf[...], at: dictionary.place.upperBound)
    reader.skipSpace()
    guard reader.take("stream") else { return nil }
    var start = reader.position
    if start < pdf.count, pdf[start] == 0x0D { start += 1 }
    if start < pdf.count, pdf[start] == 0x0A { start += 1 }
    guard length <= pdf.count - start else { return nil }
    reader = PDFReader(pdf[...], at: start + length)
    reader.skipSpace()
    return reader.take("endstream") ? start..<start + length : nil
  }

  /// Files that lie in this one: their signatures are theirs.
  func embeddedFiles(limit: Int) -> [Range<Int>] {
    (positions(of: ["EmbeddedFile"], limit: limit)["EmbeddedFile"] ?? []).compactMap { position in
      // The name is a value here, so its key stands just before.
      guard let key = pdf[max(position - 16, 0)..<position].lastIndex(of: UInt8(ascii: "/")),
        let object = object(withKeyAt: key)
      else { return nil }
      return stream(after: object.value)
    }
  }
}
