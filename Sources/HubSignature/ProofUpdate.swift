/// What stands behind the last signature of a file. Whoever adds what proves a signature later on (ETSI EN 319 142-1,
/// level B-LT) adds to the file without signing it; everything else that is added changes what a reader sees.
///
/// It is proofs only if it consists of new objects that are such by their form, of the catalogue as it was but for its
/// entry that names them, and of tables that lead to these and to nothing else. Tables in streams are not read: a file
/// whose last update has one counts as changed.
struct ProofUpdate {
  /// Whether all of it is sure to be such proofs.
  let holdsProofsOnly: Bool

  init(_ pdf: [UInt8], from start: Int) {
    guard let before = PDFTail(pdf, end: start) else {
      holdsProofsOnly = false
      return
    }
    var walk = ProofWalk(pdf, from: start, before: before)
    holdsProofsOnly = walk.isSound() && walk.isAllThatScannersFind()
  }
}

/// A table of objects with the trailer behind it.
struct PDFTable {
  /// Where each object stands that is not free.
  private(set) var offsets: [Int: Int] = [:]
  /// Whether it takes objects away.
  private(set) var frees = false
  /// What the trailer says.
  private(set) var trailer: [PDFValue.Entry] = []

  /// Reads a table whose word `xref` has been passed.
  init?(_ reader: inout PDFReader) {
    var count = 0
    while true {
      reader.skipSpace()
      if reader.take("trailer") { break }
      guard let first = reader.value()?.number, let length = reader.value()?.number, count + length <= 10_000 else {
        return nil
      }
      for number in first..<first + length {
        guard let offset = reader.value()?.number, reader.value()?.number != nil else { return nil }
        reader.skipSpace()
        if reader.take("n") {
          offsets[number] = offset
        } else if reader.take("f") {
          frees = frees || number != 0
        } else {
          return nil
        }
      }
      count += length
    }
    guard let trailer = reader.value()?.entries else { return nil }
    self.trailer = trailer
  }

  /// The number of the catalogue.
  var root: Int? {
    guard case .reference(let number) = trailer.single("Root")?.content else { return nil }
    return number
  }
}

/// How a file stands at an end of it: its last table, and its catalogue.
struct PDFTail {
  var table: PDFTable
  /// Where the table stands.
  var position: Int
  var catalogue: PDFValue

  init?(_ pdf: [UInt8], end: Int) {
    let from = max(end - 64, 0)
    guard let word = pdf[from..<end].lastRange(of: "startxref") else { return nil }
    var reader = PDFReader(pdf[..<end], at: word.upperBound)
    guard let position = reader.value()?.number, position < end else { return nil }
    reader = PDFReader(pdf[..<end], at: position)
    guard reader.take("xref"), let table = PDFTable(&reader), let root = table.root, let offset = table.offsets[root],
      offset < end
    else { return nil }
    reader = PDFReader(pdf[..<end], at: offset)
    guard reader.takeObject() == root, let catalogue = reader.value(), catalogue.entries != nil else { return nil }
    (self.table, self.position, self.catalogue) = (table, position, catalogue)
  }
}

/// Goes over an update from front to back.
private struct ProofWalk {
  private static let trailerKeys: Set = ["Size", "Root", "Prev", "Info", "ID"]
  private static let proofKeys: Set = [
    "Type", "DSS", "VRI", "CRLs", "OCSPs", "Certs", "CRL", "OCSP", "Cert", "TS",
  ]

  private let pdf: [UInt8]
  private var reader: PDFReader
  private let before: PDFTail
  private let size: Int
  /// Where the table before stands.
  private var previous: Int
  private var offsets: [Int: Int] = [:]
  private let start: Int
  private var (objects, tables) = (0, 0)

  init(_ pdf: [UInt8], from start: Int, before: PDFTail) {
    (self.pdf, self.before, self.start, previous) = (pdf, before, start, before.position)
    reader = PDFReader(pdf[...], at: start)
    size = before.table.trailer.single("Size")?.number ?? .max
  }

  mutating func isSound() -> Bool {
    var isEnded = false
    while true {
      reader.skipSpace()
      guard reader.byte != nil else { return isEnded }
      let start = reader.position
      if let number = reader.takeObject() {
        isEnded = false
        guard isSound(object: number) else { return false }
        offsets[number] = start
        objects += 1
      } else if reader.take("xref") {
        guard isSound(tableAt: start) else { return false }
        isEnded = true
      } else {
        return false
      }
    }
  }

  private mutating func isSound(object number: Int) -> Bool {
    guard let value = reader.value() else { return false }
    let isCatalogue = number == before.table.root
    guard isCatalogue ? isSameCatalogue(value) : number >= size else { return false }
    if let stream = PDFMarks(pdf: pdf).stream(after: value) {
      guard !isCatalogue, ProofStreams.isProof(pdf[stream]), Self.keys(value, are: ["Length", "Filter"]) else {
        return false
      }
      reader = PDFReader(pdf[...], at: stream.upperBound)
      reader.skipSpace()
      guard reader.take("endstream") else { return false }
    } else {
      guard isCatalogue || isProof(value) else { return false }
    }
    reader.skipSpace()
    return reader.take("endobj")
  }

  private static func keys(_ value: PDFValue, are allowed: Set<String>) -> Bool {
    guard let keys = value.entries?.map(\.key) else { return false }
    return Set(keys).count == keys.count && allowed.isSuperset(of: keys)
  }

  /// Lists of references, and dictionaries of such under the names that proofs have.
  private func isProof(_ value: PDFValue) -> Bool {
    switch value.content {
    case .reference: return true
    case .array(let members): return members.allSatisfy { isProof($0) }
    case .dictionary(let entries):
      return entries.allSatisfy { entry in
        switch entry.key {
        case "Type": ["DSS", "VRI"].contains(entry.value.name)
        default: (Self.proofKeys.contains(entry.key) || Self.isDigest(entry.key)) && isProof(entry.value)
        }
      }
    default: return false
    }
  }

  /// The name of a signature's proofs is its digest.
  private static func isDigest(_ key: String) -> Bool {
    key.utf8.count == 40 && key.utf8.allSatisfy { hexDigit($0) != nil }
  }

  private func isSameCatalogue(_ value: PDFValue) -> Bool {
    guard let new = value.entries, let old = before.catalogue.entries else { return false }
    let added: Set = ["DSS", "Extensions"]
    let (left, right) = (new.filter { !added.contains($0.key) }, old.filter { !added.contains($0.key) })
    guard left.count == right.count, Set(new.map(\.key)).count == new.count else { return false }
    guard right.allSatisfy({ entry in left.contains { $0.key == entry.key && isSame($0.value, entry.value) } }) else {
      return false
    }
    return new.single("DSS").map { isProof($0) } ?? true
  }

  private func isSame(_ left: PDFValue, _ right: PDFValue) -> Bool {
    switch (left.content, right.content) {
    case (.array(let left), .array(let right)):
      left.count == right.count && zip(left, right).allSatisfy { isSame($0, $1) }
    case (.dictionary(let left), .dictionary(let right)):
      left.count == right.count
        && zip(left, right).allSatisfy { $0.key == $1.key && isSame($0.value, $1.value) }
    case (.reference(let left), .reference(let right)): left == right
    case (.name(let left), .name(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.text(let left, _), .text(let right, _)): left == right
    case (.word, .word): pdf[left.place] == pdf[right.place]
    default: false
    }
  }

  /// A table that leads to the objects of this update, and behind it to the table before.
  private mutating func isSound(tableAt position: Int) -> Bool {
    guard let table = PDFTable(&reader), !table.frees, table.root == before.table.root,
      Set(table.trailer.map(\.key)).isSubset(of: Self.trailerKeys),
      Set(table.trailer.map(\.key)).count == table.trailer.count,
      table.trailer.single("Prev")?.number == previous,
      table.offsets.allSatisfy({ offsets[$0.key] == $0.value })
    else { return false }
    if let info = table.trailer.single("Info") {
      guard let old = before.table.trailer.single("Info"), isSame(info, old) else { return false }
    }
    reader.skipSpace()
    guard reader.take("startxref"), reader.value()?.number == position else { return false }
    previous = position
    tables += 1
    return true
  }

  /// Readers that stumble over a table look through the bytes for whatever looks like an object, in comments, texts and
  /// streams too. They must find no more than stands here.
  func isAllThatScannersFind() -> Bool {
    let tail = pdf[start...]
    let beginsWord = { (place: Int) in
      place == start || PDFReader.isSpace(pdf[place - 1]) || (0x30...0x39).contains(pdf[place - 1])
    }
    return tail.places(of: "obj").count(where: beginsWord) == objects
      && tail.places(of: "trailer").count == tables && tail.places(of: "xref").count == 2 * tables
  }
}

extension ArraySlice<UInt8> {
  /// Where a word stands.
  func places(of word: String) -> [Int] {
    let word = Array(word.utf8)
    guard count >= word.count else { return [] }
    return (startIndex...endIndex - word.count).filter { position in
      self[position] == word[0] && word.indices.allSatisfy { self[position + $0] == word[$0] }
    }
  }

  /// Where a word stands last.
  func lastRange(of word: String) -> Range<Int>? {
    let word = Array(word.utf8)
    guard count >= word.count else { return nil }
    var position = endIndex - word.count
    while position >= startIndex {
      if self[position..<position + word.count].elementsEqual(word) { return position..<position + word.count }
      position -= 1
    }
    return nil
  }
}
