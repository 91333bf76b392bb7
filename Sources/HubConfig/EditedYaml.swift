internal import HubKit
internal import HubRouting

/// The text of `agencies.yaml` or `access.yaml` while it is changed. Places are found anew after each change.
struct EditedYaml {
  private let file: String
  private var lines: LineText
  /// The line that was changed last, for complaints.
  private(set) var lastChangedLine = 1

  init(file: String, text: String) {
    self.file = file
    lines = LineText(text)
  }

  var text: String { lines.text }

  /// Adds an item to the list under a key of the file; makes key and list when they are not there.
  ///
  /// - Parameter item: its lines without indent, of which only the first has the dash.
  mutating func append(_ item: [String], toListUnder key: String) throws(AgencyEditError) {
    guard let entry = root?.entry(key) else {
      lastChangedLine = lines.count + 1
      return lines.insert(["\(key):"] + item.map { "  " + $0 }, afterLine: lines.count)
    }
    try append(item, to: entry)
  }

  /// Adds a credential to an agency.
  mutating func addCredential(_ credential: StoredCredential, to code: OrganisationCode) throws(AgencyEditError) {
    guard let agency = agency(code) else { throw .cannotEdit(file: file, line: 1) }
    let item = ["- " + AgencyLines.credential(credential)]
    if let entry = agency.entry("credentials") { return try append(item, to: entry) }
    guard let first = agency.entries.first, isBlock(first) else {
      throw .cannotEdit(file: file, line: agency.place.line)
    }
    let indent = String(repeating: " ", count: first.place.column - 1)
    lastChangedLine = agency.lastLine
    lines.insert(["\(indent)credentials:"] + item.map { "\(indent)  \($0)" }, afterLine: agency.lastLine)
  }

  /// Takes a credential's line out.
  mutating func removeCredential(_ id: String) throws(AgencyEditError) {
    let (entry, item) = try credential(id)
    lastChangedLine = item.place.line
    if case .list(let items) = entry.value.kind, items.count == 1 {
      let keyLine = lines.line(entry.place.line).map(String.init) ?? ""
      guard let colon = keyLine.firstIndex(of: ":") else { throw .cannotEdit(file: file, line: entry.place.line) }
      let after = keyLine.index(after: colon)
      lines.replace(line: entry.place.line, with: keyLine[..<after] + " []" + keyLine[after...])
    }
    lines.remove(line: item.place.line)
  }

  /// Writes a credential's line anew.
  mutating func replaceCredential(_ credential: StoredCredential) throws(AgencyEditError) {
    let item = try self.credential(credential.id).item
    let number = item.place.line
    lastChangedLine = number
    guard let line = lines.line(number), let open = line.firstIndex(of: "{"),
      let close = line[open...].firstIndex(of: "}")
    else { throw .cannotEdit(file: file, line: number) }
    lines.replace(
      line: number,
      with: line[..<open] + AgencyLines.credential(credential) + line[line.index(after: close)...])
  }

  /// Gives a key of an agency another value; adds it behind the agency's name when it is not there.
  mutating func set(_ key: String, of code: OrganisationCode, to value: String) throws(AgencyEditError) {
    guard let agency = agency(code), let anchor = agency.entry("name"), isBlock(anchor) else {
      throw .cannotEdit(file: file, line: agency(code)?.place.line ?? 1)
    }
    let indent = String(repeating: " ", count: anchor.place.column - 1)
    guard let entry = agency.entry(key) else {
      lastChangedLine = anchor.value.lastLine
      return lines.insert(["\(indent)\(key): \(value)"], afterLine: anchor.value.lastLine)
    }
    let number = entry.place.line
    lastChangedLine = number
    guard isBlock(entry), entry.value.lastLine == number, let line = lines.line(number), !line.contains("#") else {
      throw .cannotEdit(file: file, line: number)
    }
    let head = line.unicodeScalars.prefix(entry.place.column - 1)
    lines.replace(line: number, with: String(String.UnicodeScalarView(head)) + "\(key): \(value)")
  }

  // MARK: - Places

  private var root: YamlNode? {
    var complaints = Complaints()
    return YamlReader.read(Array(lines.text.utf8), file: file, into: &complaints)
  }

  private func agency(_ code: OrganisationCode) -> YamlNode? {
    root?.entry("agencies")?.value.items.first { $0["code"]?.scalarText == code.text }
  }

  /// A credential and the key that it stands under; it must have a line of its own.
  private func credential(_ id: String) throws(AgencyEditError) -> (entry: YamlEntry, item: YamlNode) {
    for agency in root?.entry("agencies")?.value.items ?? [] {
      guard let entry = agency.entry("credentials") else { continue }
      for item in entry.value.items where item["id"]?.scalarText == id {
        let others = entry.value.items.filter { $0.place.line == item.place.line }
        guard others.count == 1, item.place.line > entry.place.line, item.lastLine == item.place.line else {
          throw .cannotEdit(file: file, line: item.place.line)
        }
        return (entry, item)
      }
    }
    throw .unknownCredential(id, nearest: nil)
  }

  private mutating func append(_ item: [String], to entry: YamlEntry) throws(AgencyEditError) {
    let items = entry.value.items
    lastChangedLine = entry.place.line
    guard let last = items.last else { return try openEmptyList(entry, with: item) }
    guard let line = lines.line(last.place.line) else { throw .cannotEdit(file: file, line: last.place.line) }
    let before = line.unicodeScalars.prefix(last.place.column - 1)
    guard last.place.line > entry.place.line, before.allSatisfy({ $0 == " " || $0 == "-" }),
      let dash = before.firstIndex(of: "-")
    else { throw .cannotEdit(file: file, line: last.place.line) }
    let indent = String(repeating: " ", count: before.distance(from: before.startIndex, to: dash))
    lastChangedLine = last.lastLine
    lines.insert(item.map { indent + $0 }, afterLine: last.lastLine)
  }

  /// `key: []` becomes `key:` with the item below.
  private mutating func openEmptyList(_ entry: YamlEntry, with item: [String]) throws(AgencyEditError) {
    let number = entry.place.line
    guard let line = lines.line(number), isBlock(entry), let open = line.firstIndex(of: "["),
      let close = line[open...].firstIndex(of: "]"), line[line.index(after: open)..<close].allSatisfy(\.isWhitespace)
    else { throw .cannotEdit(file: file, line: number) }
    let head = line[..<open].reversed().drop { $0 == " " }.reversed()
    lines.replace(line: number, with: String(head) + line[line.index(after: close)...])
    let indent = String(repeating: " ", count: entry.place.column + 1)
    lines.insert(item.map { indent + $0 }, afterLine: number)
  }

  /// Whether a key is the first on its line, but for the dash of a list.
  private func isBlock(_ entry: YamlEntry) -> Bool {
    let before = lines.line(entry.place.line)?.unicodeScalars.prefix(entry.place.column - 1)
    return before?.allSatisfy { $0 == " " || $0 == "-" || $0 == "\u{FEFF}" } ?? false
  }
}

extension YamlNode {
  func entry(_ key: String) -> YamlEntry? {
    entries.first { $0.key == key }
  }

  var entries: [YamlEntry] {
    if case .map(let entries) = kind { entries } else { [] }
  }

  var items: [YamlNode] {
    if case .list(let items) = kind { items } else { [] }
  }

  var scalarText: String? {
    if case .scalar(let text, _) = kind { text } else { nil }
  }
}

/// How agencies, credentials and rules are written.
enum AgencyLines {
  static func agency(_ agency: Agency, _ credentials: [StoredCredential]) -> [String] {
    var lines = ["- code: \(quoted(agency.code.text))", "  name: \(quoted(agency.name))"]
    if let endpoint = agency.endpoint { lines.append("  endpoint: \(endpoint)") }
    if !agency.aliases.isEmpty { lines.append("  aliases: \(list(agency.aliases.map(\.text)))") }
    if let from = agency.from { lines.append("  from: \(from)") }
    if let until = agency.until { lines.append("  until: \(until)") }
    if !agency.successors.isEmpty { lines.append("  successors: \(list(agency.successors.map(\.text)))") }
    if !credentials.isEmpty { lines.append("  credentials:") }
    return lines + credentials.map { "    - " + credential($0) }
  }

  static func credential(_ credential: StoredCredential) -> String {
    let expires = credential.expires.map { ", expires: \"\($0)\"" } ?? ""
    return "{id: \(quoted(credential.id)), hash: \"\(credential.hash)\", created: \"\(credential.created)\"\(expires)}"
  }

  static func rule(_ rule: AccessRule) -> String {
    var parts: [String] =
      switch rule.subject {
      case .agencies(let pattern): ["agency: \(quoted(pattern.text))"]
      case .endpoint(let name): ["endpoint: \(quoted(name))"]
      case .hub(let part): ["hub: \(part)"]
      }
    if !rule.send.isEmpty { parts.append("send: \(list(rule.send.map(\.text)))") }
    if rule.to != [Pattern("*")] { parts.append("to: \(list(rule.to.map(\.text)))") }
    if !rule.call.isEmpty { parts.append("call: \(list(rule.call.map(\.text)))") }
    return "- {\(parts.joined(separator: ", "))}"
  }

  /// The value of a key of an agency, as it is written.
  static func name(of agency: Agency) -> String { quoted(agency.name) }

  /// See ``name(of:)``.
  static func aliases(of agency: Agency) -> String { list(agency.aliases.map(\.text)) }

  private static func list(_ texts: [String]) -> String {
    "[\(texts.map(quoted).joined(separator: ", "))]"
  }

  /// A text in double quotes; what is no letter, digit, mark or plain sign is written as an escape.
  private static func quoted(_ text: String) -> String {
    let inside = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": return "\\\(scalar)"
      case _
      where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || (0x2028...0x2029).contains(scalar.value):
        let hex = String(scalar.value, radix: 16, uppercase: true)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: return String(scalar)
      }
    }
    return "\"\(inside.joined())\""
  }
}
