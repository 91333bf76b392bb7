internal import HubKit

/// The checked settings of one endpoint.
struct PopulationSettings: Sendable {
  /// What the `timestamp` field counts.
  enum TimestampUnit: String, CaseIterable {
    case seconds, milliseconds
  }

  /// What a request and an answer are wrapped in.
  enum Wrapping: String, CaseIterable {
    /// SOAP 1.1.
    case soap = "none"
    /// A JSON object in, XML inside a JSON string out, as some provinces' gateways have it.
    case json
  }

  let url: String
  let signedURL: String
  let username: String
  let secret: Secret
  let timestamp: TimestampUnit
  let serviceCode: String
  let account: String?
  let phone: String?
  let removeSpaces: Bool
  let wrapping: Wrapping
  let fields: Set<CitizenField>
  let xRoadClient: String?
  let apiKey: Secret?

  static let declared: [Setting] = [
    Setting(
      "url", .url, required: true, example: "https://security-server.example.vn/dancu/ws",
      help: "Address of the service, or of the security server before it."),
    Setting(
      "signedUrl", .url, example: "https://dancuquocgia.example.vn/ws",
      help: "The service address that goes into the password's hash, where it is another than url."),
    Setting(
      "username", .text, required: true, example: "haiphong.lgsp", help: "Account that C06 gave to the city."),
    Setting(
      "secret", .secret, required: true, example: "file:/etc/lgsp/secrets/population.key",
      help: "Secret from which each call's password is derived."),
    Setting(
      "timestamp", .choice(TimestampUnit.allCases.map(\.rawValue)), default: .text(TimestampUnit.seconds.rawValue),
      example: "milliseconds", help: "What the timestamp counts since 1970: the services differ."),
    Setting(
      "serviceCode", .text, required: true, example: "G15-TP31", help: "MaDVC: code of the city's own service."),
    Setting("account", .text, example: "lgsp.haiphong", help: "TaiKhoan, which newer versions of the service want."),
    Setting(
      "phone", .text, example: "0225000000", help: "SoDienThoai of the office that asks, for newer versions."),
    Setting(
      "removeSpaces", .flag, default: .flag(false), example: "true",
      help: "Whether a name is sent without spaces, as several clients do."),
    Setting(
      "wrapping", .choice(Wrapping.allCases.map(\.rawValue)), default: .text(Wrapping.soap.rawValue), example: "json",
      help: "SOAP, or JSON around it as some gateways want."),
    Setting(
      "fields", .list, default: .list(CitizenField.usual.map(\.rawValue)), example: "[name, birthDate]",
      help: "Which members a look-up may return; everything else is dropped before anybody sees it. Known are "
        + CitizenField.allCases.map(\.rawValue).joined(separator: ", ") + "."),
    Setting(
      "xRoadClient", .text, example: "VN/GOV/H24/lgsp",
      help: "X-Road-Client: our name at the security server, where there is one."),
    Setting(
      "apiKey", .secret, example: "file:/etc/lgsp/secrets/population.apikey",
      help: "ApiKey, where the gateway wants one."),
  ]

  init(_ values: SettingValues) throws(SettingError) {
    url = try Self.text("url", in: values)
    signedURL = values.text("signedUrl") ?? url
    username = try Self.text("username", in: values)
    guard !username.contains(":") else {
      throw SettingError("username", "cannot have a colon (RFC 7617).")
    }
    guard let secret = values.secret("secret") else {
      throw SettingError(
        "secret", "is missing: name the secret that C06 gave out, as in file:/etc/lgsp/population.key.")
    }
    self.secret = secret
    timestamp = values.text("timestamp").flatMap(TimestampUnit.init) ?? .seconds
    serviceCode = try Self.text("serviceCode", in: values)
    account = values.text("account")
    phone = values.text("phone")
    removeSpaces = values.flag("removeSpaces")
    wrapping = values.text("wrapping").flatMap(Wrapping.init) ?? .soap
    fields = try Self.fields(values)
    xRoadClient = values.text("xRoadClient")
    guard xRoadClient.map(Self.isFieldValue) ?? true else {
      throw SettingError("xRoadClient", "goes into a header field: only visible ASCII characters can stand there.")
    }
    apiKey = values.secret("apiKey")
  }

  private static func text(_ name: String, in values: SettingValues) throws(SettingError) -> String {
    guard let text = values.text(name), !text.isEmpty else { throw SettingError(name, "is missing or empty.") }
    return text
  }

  private static func isFieldValue(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private static func fields(_ values: SettingValues) throws(SettingError) -> Set<CitizenField> {
    let names = values.list("fields")
    guard !names.isEmpty else {
      throw SettingError("fields", "is empty: a look-up that may return nothing should be a verification.")
    }
    var fields = Set<CitizenField>()
    for name in names {
      guard let field = CitizenField(rawValue: name) else {
        throw SettingError(
          "fields", "has \(name); known are \(CitizenField.allCases.map(\.rawValue).joined(separator: ", ")).")
      }
      fields.insert(field)
    }
    return fields
  }
}
