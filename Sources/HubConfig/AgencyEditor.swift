internal import FoundationEssentials
public import HubKit
internal import HubRouting

/// Changes `agencies.yaml` and `access.yaml` in place: comments and all that is not concerned stay byte for byte.
///
/// Each change locks the folder, reads the files, changes the text, checks that the new text says exactly what was
/// wanted, and replaces the file in one step; a running hub follows at its next question.
public struct AgencyEditor: Sendable {
  private let folder: SafeFolder
  private let clock: any HubClock

  /// Creates an editor for a configuration folder.
  public init(folder: String, clock: any HubClock = SystemClock()) {
    self.folder = SafeFolder(path: folder)
    self.clock = clock
  }

  /// Adds an agency, and a first credential when it is to send by itself. It has no rights yet: see ``add(_:)``.
  ///
  /// - Returns: the credential with its secret, which is not kept anywhere; nil when none was asked for.
  /// - Throws: ``AgencyEditError/codeTaken(_:by:)`` when the code or an alias is somebody's.
  @discardableResult
  public func add(_ agency: Agency, withCredential: Bool = true) throws(AgencyEditError) -> IssuedCredential? {
    let issued = withCredential ? issue(to: agency.code) : nil
    try change { (text, book) throws(AgencyEditError) in
      for code in [agency.code] + agency.aliases {
        if let owner = book.agency(code) { throw .codeTaken(code, by: owner.code) }
      }
      let credentials = issued.map { [$0.stored()] } ?? []
      try text.append(AgencyLines.agency(agency, credentials), toListUnder: "agencies")
      return AgencyBook(agencies: book.agencies + [agency], credentials: book.credentials + credentials)
    }
    return issued
  }

  /// Gives an agency the name, aliases and end of another description of it; the rest stays as it is.
  ///
  /// - Throws: ``AgencyEditError/codeTaken(_:by:)`` when an alias is somebody else's.
  public func update(_ agency: Agency) throws(AgencyEditError) {
    try change { (text, book) throws(AgencyEditError) in
      var wanted = try known(agency.code, in: book)
      for alias in agency.aliases {
        if let owner = book.agency(alias), owner.code != wanted.code { throw .codeTaken(alias, by: owner.code) }
      }
      if wanted.name != agency.name {
        wanted.name = agency.name
        try text.set("name", of: wanted.code, to: AgencyLines.name(of: wanted))
      }
      if wanted.aliases != agency.aliases {
        wanted.aliases = agency.aliases
        try text.set("aliases", of: wanted.code, to: AgencyLines.aliases(of: wanted))
      }
      if wanted.until != agency.until, let until = agency.until {
        wanted.until = until
        try text.set("until", of: wanted.code, to: "\(until)")
      }
      let agencies = book.agencies.map { $0.code == wanted.code ? wanted : $0 }
      return AgencyBook(agencies: agencies, credentials: book.credentials)
    }
  }

  /// Gives an agency a new credential; the old one, if there is one, stays valid until it is revoked or for a time.
  ///
  /// - Parameters:
  ///   - code: the agency's code or alias.
  ///   - time: how long the old credential stays valid; nil: until it is revoked.
  /// - Returns: the credential with its secret, which is not kept anywhere.
  /// - Throws: ``AgencyEditError/twoCredentials(_:ids:)`` when two are valid already.
  public func rotate(
    _ code: OrganisationCode, keepingOldFor time: Duration? = nil
  ) throws(AgencyEditError) -> IssuedCredential {
    var issued: IssuedCredential?
    try change { (text, book) throws(AgencyEditError) in
      let agency = try known(code, in: book)
      let now = clock.now.rounded
      let own = book.credentials.filter { $0.agency == agency.code }
      var valid = own.filter { $0.isValid(at: now) }
      guard valid.count < 2 else { throw .twoCredentials(agency.code, ids: valid.map(\.id)) }
      for ended in own where !ended.isValid(at: now) { try text.removeCredential(ended.id) }
      if let time, let old = valid.first {
        valid[0].expires = min(old.expires ?? now + time, now + time).rounded
        try text.replaceCredential(valid[0])
      }
      let new = issue(to: agency.code)
      issued = new
      let stored = new.stored()
      try text.addCredential(stored, to: agency.code)
      return book.replacingCredentials(of: agency.code, with: valid + [stored])
    }
    guard let issued else { throw .cannotEdit(file: "agencies.yaml", line: 1) }
    return issued
  }

  /// Takes a credential out of the file: from the hub's next question on it opens nothing.
  ///
  /// - Returns: whose it was.
  @discardableResult
  public func revoke(credential id: String) throws(AgencyEditError) -> OrganisationCode {
    var owner: OrganisationCode?
    try change { (text, book) throws(AgencyEditError) in
      guard let credential = book.credential(id) else {
        throw .unknownCredential(id, nearest: nearest(to: id, in: book.credentials.map(\.id)))
      }
      owner = credential.agency
      try text.removeCredential(id)
      let rest = book.credentials.filter { $0.agency == credential.agency && $0.id != id }
      return book.replacingCredentials(of: credential.agency, with: rest)
    }
    guard let owner else { throw .unknownCredential(id, nearest: nil) }
    return owner
  }

  /// Takes all credentials of an agency out of the file.
  ///
  /// - Returns: the ids of those that were taken out.
  @discardableResult
  public func revokeAll(of code: OrganisationCode) throws(AgencyEditError) -> [String] {
    var ids: [String] = []
    try change { (text, book) throws(AgencyEditError) in
      let agency = try known(code, in: book)
      ids = book.credentials.filter { $0.agency == agency.code }.map(\.id)
      for id in ids { try text.removeCredential(id) }
      return book.replacingCredentials(of: agency.code, with: [])
    }
    return ids
  }

  /// Agencies, rules and credentials as the files say now.
  public func list() throws(AgencyEditError) -> AgencyBook {
    try folder.exclusively { () throws(AgencyEditError) in try read().book }
  }

  /// Adds a rule at the end of `access.yaml`.
  public func add(_ rule: AccessRule) throws(AgencyEditError) {
    try folder.exclusively { () throws(AgencyEditError) in
      let files = try read()
      var text = EditedYaml(file: "access.yaml", text: files.access)
      try text.append([AgencyLines.rule(rule)], toListUnder: "access")
      let after = try parse(agencies: files.agencies, access: text.text)
      let wanted = AgencyBook(agencies: files.book.agencies, rules: files.book.rules + [rule])
      guard after.rules == wanted.rules else { throw .cannotEdit(file: "access.yaml", line: 1) }
      try folder.replace("access.yaml", with: Array(text.text.utf8))
    }
  }

  // MARK: - One change

  /// Reads, changes, checks and writes `agencies.yaml`.
  ///
  /// - Parameter edit: changes the text and returns the agencies and credentials that it should say now.
  private func change(
    _ edit: (inout EditedYaml, AgencyBook) throws(AgencyEditError) -> AgencyBook
  ) throws(AgencyEditError) {
    try folder.exclusively { () throws(AgencyEditError) in
      let files = try read()
      var text = EditedYaml(file: "agencies.yaml", text: files.agencies)
      let wanted = try edit(&text, files.book)
      let after = try parse(agencies: text.text, access: files.access)
      guard after.agencies == wanted.agencies, Set(after.credentials) == Set(wanted.credentials) else {
        throw .cannotEdit(file: "agencies.yaml", line: text.lastChangedLine)
      }
      guard text.text != files.agencies else { return }
      try folder.replace("agencies.yaml", with: Array(text.text.utf8))
    }
  }

  private func read() throws(AgencyEditError) -> (agencies: String, access: String, book: AgencyBook) {
    let agencies = try text(of: "agencies.yaml", orElse: "agencies: []\n")
    let access = try text(of: "access.yaml", orElse: "access: []\n")
    return (agencies, access, try parse(agencies: agencies, access: access))
  }

  private func text(of name: String, orElse empty: String) throws(AgencyEditError) -> String {
    let path = "\(folder.path)/\(name)"
    guard FileFacts(path: path) != nil else { return empty }
    var complaints = Complaints()
    do {
      let bytes = try readFile(path, limit: ConfigFiles.fileBytesMax).bytes
      guard decodeText(bytes, file: name, into: &complaints) != nil else {
        throw AgencyEditError.broken(complaints.list)
      }
      return String(decoding: bytes, as: UTF8.self)
    } catch let error as FileError {
      complaints.error(error.phrase(for: name), at: SourcePlace(file: name))
      throw .broken(complaints.list)
    } catch {
      throw .broken(complaints.list)
    }
  }

  private func parse(agencies: String, access: String) throws(AgencyEditError) -> AgencyBook {
    var reader = AgencyReader()
    guard let loaded = reader.read(agencies: Array(agencies.utf8), access: Array(access.utf8)) else {
      throw .broken(reader.complaints.list.sorted())
    }
    return loaded.book
  }

  private func known(_ code: OrganisationCode, in book: AgencyBook) throws(AgencyEditError) -> Agency {
    if let agency = book.agency(code) { return agency }
    let codes = book.agencies.flatMap { [$0.code] + $0.aliases }.map(\.text)
    throw .unknownAgency(code, nearest: nearest(to: code.text, in: codes))
  }

  private func issue(to code: OrganisationCode) -> IssuedCredential {
    let alphabet = Array("abcdefghjkmnpqrstuvwxyz23456789")
    let tail = String((0..<8).map { _ in alphabet[.random(in: 0..<alphabet.count)] })
    let bytes = Data((0..<32).map { _ in UInt8.random(in: .min ... .max) })
    let secret = bytes.base64EncodedString().filter { $0 != "=" }.map { ["+": "-", "/": "_"][$0] ?? $0 }
    return IssuedCredential(
      agency: code, id: "\(code)-\(tail)", secret: "lgsp_" + String(secret), created: clock.now.rounded)
  }
}

extension IssuedCredential {
  /// What is kept of it; each call draws another salt.
  fileprivate func stored() -> StoredCredential {
    StoredCredential(id: id, agency: agency, hash: SaltedHash(secret: secret), created: created)
  }
}

extension AgencyBook {
  fileprivate func replacingCredentials(of code: OrganisationCode, with own: [StoredCredential]) -> AgencyBook {
    AgencyBook(agencies: agencies, rules: rules, credentials: credentials.filter { $0.agency != code } + own)
  }
}

extension Timestamp {
  /// The time as it is written: in milliseconds.
  fileprivate var rounded: Timestamp { Timestamp(microseconds: microseconds / 1000 * 1000) }
}
