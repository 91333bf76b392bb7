internal import HubKit

/// What the portal can be asked to take.
enum PortalOperation: String, CaseIterable, Sendable {
  case dossier
  case progress
  case status

  /// Name of the service behind `/mapi/g`.
  var service: String {
    switch self {
    case .dossier: "DongBoHoSoMC"
    case .progress: "CapNhatTienDoHoSoMC"
    case .status: "DongBoTrangThaiHoSo"
    }
  }

  var summary: String {
    switch self {
    case .dossier: "Synchronises a dossier of the city (DongBoHoSoMC); one that is there already is updated."
    case .progress: "Reports one step of a dossier's handling (CapNhatTienDoHoSoMC)."
    case .status: "Reports the status of a dossier that began on the portal (DongBoTrangThaiHoSo)."
    }
  }
}

/// The checked settings of one `national-portal` endpoint.
struct NationalPortalSettings: Sendable {
  /// Base address; `/mapi/login` and `/mapi/g` lie under it.
  let url: String
  let dstcode: String
  let dstcodeInQuery: Bool
  let providerURL: String?
  let username: String
  let password: Secret
  let unit: String
  let operation: PortalOperation
  /// Codes that say that the session is not known any more.
  let sessionCodes: Set<String>
  /// Codes that say that a record will never be taken.
  let rejectCodes: Set<String>
  /// How the portal shows who it is; nil: it may not call.
  let push: PushCredential?
  let recordBytesMax: Int
  let polls: Bool
  let lookBack: Duration

  init(_ values: SettingValues) throws(SettingError) {
    var address = try Self.text("url", in: values)
    while address.hasSuffix("/") { address.removeLast() }
    url = address
    dstcode = try Self.text("dstcode", in: values)
    guard dstcode.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw SettingError("dstcode", "'\(dstcode)' has a character that no service code has")
    }
    dstcodeInQuery = values.text("dstcodeIn") == "query"
    providerURL = values.text("providerUrl")
    username = try Self.text("username", in: values)
    guard let password = values.secret("password") else {
      throw SettingError("password", "is missing: name the password that the portal gave out")
    }
    self.password = password
    unit = try Self.text("unit", in: values)
    operation = values.text("operation").flatMap(PortalOperation.init) ?? .progress
    sessionCodes = Set(values.list("sessionCodes"))
    rejectCodes = Set(values.list("rejectCodes"))
    for code in ["0", "00", "3", "-3"] where sessionCodes.union(rejectCodes).contains(code) {
      throw SettingError("rejectCodes", "\(code) has a meaning of its own: 0 and 00 are good, 3 and -3 already there")
    }
    push = try PushCredential(values)
    recordBytesMax = values.integer("recordBytesMax") ?? 8 << 20
    polls = values.flag("poll")
    lookBack = values.duration("lookBack") ?? .seconds(7 * 86_400)
  }

  private static func text(_ name: String, in values: SettingValues) throws(SettingError) -> String {
    guard let text = values.text(name), !text.isEmpty else { throw SettingError(name, "is missing or empty") }
    return text
  }
}

extension NationalPortalSettings {
  static let declared: [Setting] = account + meanings + waysIn

  private static let account: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://adapter.example.vn/XrdAdapter/RestService/forward",
      help: "The city's adapter; /mapi/login and /mapi/g lie under it."),
    Setting(
      "dstcode", .text, required: true, example: "VN:GOV:000.00.00.G22:vpcpdvcprovider",
      help: "Code of the portal's service on the exchange platform."),
    Setting(
      "dstcodeIn", .choice(["header", "query"]), default: .text("header"), example: "query",
      help: "Where the adapter reads that code."),
    Setting(
      "providerUrl", .text, example: "https://portal.example.vn", help: "Value of `providerurl` in the query, if asked."
    ),
    Setting("username", .text, required: true, example: "lgsp-haiphong", help: "User name of the city's account."),
    Setting(
      "password", .secret, required: true, example: "file:/etc/lgsp/secrets/national-portal.password",
      help: "Password of the city's account."),
    Setting(
      "unit", .text, required: true, example: "000.00.00.H24",
      help: "The city's code with the portal: `madonvi` of a status, `donViXuLy` of a list."),
  ]

  private static let meanings: [Setting] = [
    Setting(
      "operation", .choice(PortalOperation.allCases.map(\.rawValue)), default: .text("progress"), example: "dossier",
      help: "What is done with a message whose route names no operation."),
    Setting(
      "sessionCodes", .list, default: .list(["-2"]), example: "[\"-2\"]",
      help: "Values of error_code that mean: log in again. Status 401 always does."),
    Setting(
      "rejectCodes", .list, default: .list(["-4", "-5"]), example: "[\"-4\", \"-5\"]",
      help: "Values of error_code that mean: this record will never be taken."),
  ]

  private static let waysIn: [Setting] = [
    Setting(
      "pushAuth", .choice(["basic", "header"]), default: .text("basic"), example: "header",
      help: "How the portal shows who it is when it brings a dossier."),
    Setting("pushUsername", .text, default: .text("dvcqg"), example: "dvcqg", help: "Its user name, for basic."),
    Setting("pushHeader", .text, default: .text("X-Api-Key"), example: "X-Api-Key", help: "Its header, for header."),
    Setting(
      "pushSecret", .secret, example: "file:/etc/lgsp/secrets/national-portal.push",
      help: "What it must show; left out: the portal cannot bring anything."),
    Setting(
      "recordBytesMax", .integer(1024...(256 << 20)), default: .integer(8 << 20), example: "8388608",
      help: "Largest dossier taken, with its files, in bytes of JSON text."),
    Setting(
      "poll", .flag, default: .flag(false), example: "true",
      help: "Whether the portal is also asked for dossiers, at the pace of the endpoint's own `poll:`."),
    Setting(
      "lookBack", .duration, default: .duration(.seconds(7 * 86_400)), example: "7d",
      help: "How far back the first list reaches."),
  ]
}
