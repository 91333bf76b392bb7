internal import HubKit
internal import HubRouting

/// What was read of agencies and rights, with the places that cross checks need.
struct LoadedAgencies {
  var book = AgencyBook()
  /// False when there are no agencies to hold anything against: the files are wrong, missing, or not pinned.
  var isKnown = false
  /// Endpoints that agencies name.
  var endpoints: [NamedPlace] = []
  /// Who does the work of agencies that are no more.
  var successors: [NamedPlace] = []
  /// Whom rules concern, and to whom they allow to send.
  var ruleCodes: [(pattern: String, place: SourcePlace)] = []
  var ruleEndpoints: [NamedPlace] = []
}

/// Reads `agencies.yaml` and `access.yaml`.
struct AgencyReader {
  var complaints = Complaints()

  /// Reads both files.
  ///
  /// - Returns: nil when one of them is not as declared, or names somebody twice.
  mutating func read(agencies: [UInt8], access: [UInt8]) -> LoadedAgencies? {
    let agencyFile = file("agencies.yaml", agencies, AccessDeclarations.agencyFile)
    let accessFile = file("access.yaml", access, AccessDeclarations.accessFile)
    var loaded = LoadedAgencies()
    var codes = Named<Agency>()
    var ids = Named<StoredCredential>()
    for object in agencyFile?.objects("agencies") ?? [] {
      take(object, &codes, &ids, &loaded)
      if let endpoint = object.text("endpoint") { loaded.endpoints.append((endpoint, object.place("endpoint"))) }
    }
    let rules = (accessFile?.objects("access") ?? []).compactMap { rule($0, &loaded) }
    guard agencyFile != nil, accessFile != nil, !complaints.hasErrors else { return nil }
    loaded.isKnown = true
    loaded.book = AgencyBook(agencies: codes.list, rules: rules, credentials: ids.list)
    for successor in loaded.successors where OrganisationCode(successor.name).flatMap({ loaded.book.agency($0) }) == nil
    {
      let near = nearest(to: successor.name, in: loaded.book.agencies.map(\.code.text))
      complaints.error(.unknownAgency(successor.name, near: near), at: successor.place)
    }
    guard !complaints.hasErrors else { return nil }
    return loaded
  }

  private mutating func file(_ path: String, _ bytes: [UInt8], _ shape: ObjectShape) -> CheckedObject? {
    let before = complaints.list.count
    guard let root = YamlReader.read(bytes, file: path, into: &complaints) else {
      if complaints.list.count == before {
        complaints.error(.emptyFile("`\(shape.fields[0].name):`"), at: SourcePlace(file: path))
      }
      return nil
    }
    var reader = ShapeReader()
    defer { complaints.append(reader.complaints.list) }
    return reader.readObject(root, as: shape)
  }

  private mutating func take(
    _ object: CheckedObject, _ codes: inout Named<Agency>, _ ids: inout Named<StoredCredential>,
    _ loaded: inout LoadedAgencies
  ) {
    guard let code = object.code("code") else { return }
    codes.claim(code.text, at: object.place("code"), what: "agency", into: &complaints)
    let aliases = object.items("aliases")
    for alias in aliases { codes.claim(alias.text, at: alias.place, what: "agency", into: &complaints) }
    var agency = Agency(
      code: code, name: object.string("name"), endpoint: object.text("endpoint"),
      aliases: aliases.compactMap { $0.text.flatMap(OrganisationCode.init) })
    agency.from = object.text("from").flatMap(CalendarDay.init)
    agency.until = object.text("until").flatMap(CalendarDay.init)
    agency.successors = object.items("successors").compactMap { $0.text.flatMap(OrganisationCode.init) }
    if let from = agency.from, let until = agency.until, until <= from {
      complaints.error(.endsBeforeItBegins(code.text), at: object.place("until"))
    }
    loaded.successors += object.items("successors").map { ($0.text ?? "", $0.place) }
    codes.list.append(agency)
    let credentials = object.objects("credentials")
    if credentials.count > 2 {
      complaints.error(.tooManyCredentials(code.text), at: credentials[2].place)
    }
    for credential in credentials {
      ids.claim(credential.string("id"), at: credential.place("id"), what: "credential", into: &complaints)
      guard let hash = SaltedHash(credential.string("hash")),
        let created = Timestamp(rfc3339: credential.string("created"))
      else { continue }
      ids.list.append(
        StoredCredential(
          id: credential.string("id"), agency: code, hash: hash, created: created,
          expires: credential.text("expires").flatMap(Timestamp.init(rfc3339:))))
    }
  }

  private mutating func rule(_ object: CheckedObject, _ loaded: inout LoadedAgencies) -> AccessRule? {
    if object["send"] == nil, object["call"] == nil, !object.flag("observe") {
      complaints.error(.ruleAllowsNothing, at: object.place)
    }
    let subject: AccessRule.Subject
    if let agency = object.text("agency") {
      subject = .agencies(Pattern(agency))
      loaded.ruleCodes.append((agency, object.place("agency")))
    } else if let part = object.text("hub") {
      subject = .hub(part)
    } else {
      subject = .endpoint(object.string("endpoint"))
      loaded.ruleEndpoints.append((object.string("endpoint"), object.place("endpoint")))
    }
    for sender in object.items("from") { loaded.ruleCodes.append((sender.text ?? "*", sender.place)) }
    for receiver in object.items("to") { loaded.ruleCodes.append((receiver.text ?? "*", receiver.place)) }
    let to = object["to"] == nil ? ["*"] : object.texts("to")
    return AccessRule(
      subject: subject, send: object.texts("send").map(Pattern.init), from: object.texts("from").map(Pattern.init),
      to: to.map(Pattern.init),
      call: object.texts("call").map(Pattern.init), observe: object.flag("observe"))
  }
}

extension ConfigurationLoader {
  /// Agencies and rights; a pinned configuration has none.
  mutating func loadAgencies() -> LoadedAgencies {
    if files.isPinned { return LoadedAgencies() }
    for path in ["agencies.yaml", "access.yaml"] where files.contents[path] == nil {
      complaints.error(.missingFile(path), at: SourcePlace(file: path))
    }
    guard let agencies = files.contents["agencies.yaml"], let access = files.contents["access.yaml"] else {
      return LoadedAgencies()
    }
    var reader = AgencyReader()
    defer { complaints.append(reader.complaints.list) }
    return reader.read(agencies: agencies, access: access) ?? LoadedAgencies()
  }
}

extension Phrase {
  static func tooManyCredentials(_ code: String) -> Phrase {
    Phrase(
      "too-many-credentials", en: "`\(code)` has more than two credentials; revoke one with `lgsp agency revoke`.",
      vi: "`\(code)` có hơn hai mật khẩu; hãy thu hồi bằng `lgsp agency revoke`.")
  }

  static func endsBeforeItBegins(_ code: String) -> Phrase {
    Phrase(
      "ends-before-it-begins", en: "`\(code)` ends before it begins: `until` must be later than `from`.",
      vi: "`\(code)` kết thúc trước khi bắt đầu: `until` phải sau `from`.")
  }

  static let ruleAllowsNothing = Phrase(
    "rule-allows-nothing", en: "The rule allows nothing: it needs `send:`, `call:` or `observe:`.",
    vi: "Quy tắc không cho phép gì: cần có `send:`, `call:` hoặc `observe:`.")

  static func unknownAgency(_ code: String, near: String?) -> Phrase {
    Phrase(
      "unknown-agency", en: "agencies.yaml has no agency `\(code)`.", vi: "agencies.yaml không có cơ quan `\(code)`.",
      suggestion: near)
  }

  static func patternFitsNobody(_ pattern: String) -> Phrase {
    Phrase(
      "pattern-fits-nobody", en: "No agency in agencies.yaml fits `\(pattern)`.",
      vi: "Không cơ quan nào trong agencies.yaml khớp `\(pattern)`.")
  }
}
