internal import HubKit
internal import HubRouting

/// Makes a manifest's inside, of HTTP or of files, from its checked keys.
struct ManifestBuilder {
  var texts: ConnectorTexts
  let settings: [Setting]

  var complaints: Complaints {
    get { texts.complaints }
    set { texts.complaints = newValue }
  }

  /// What templates may name everywhere: settings of one value that are no secrets.
  private var plain: [String] {
    settings.filter {
      switch $0.kind {
      case .text, .integer, .url, .choice: true
      case .flag, .duration, .secret, .list, .map: false
      }
    }.map(\.name)
  }

  mutating func build(_ http: CheckedObject) -> HTTPManifest {
    checkNames(of: http.objects("operations"), what: "operation")
    return HTTPManifest(
      base: template(http, "base"), authentication: authentication(http.object("authentication")),
      headers: headers(http), operations: http.objects("operations").map { operation($0) },
      probe: http.object("probe").map { request($0) }, code: texts.program(http, "code", key: "code"),
      errors: http.objects("errors").map { error($0, in: "errors") },
      sources: http.objects("sources").map { source($0) }, webhooks: http.objects("webhooks").map { webhook($0) })
  }

  mutating func checkNames(of objects: [CheckedObject], what: String) {
    var names: [String: SourcePlace] = [:]
    for object in objects {
      let (name, place) = (object.string("name"), object.place("name"))
      if let first = names.updateValue(place, forKey: name) {
        complaints.error(.duplicateName(name, what: what, first: first), at: place)
      }
    }
  }

  // MARK: - Requests

  private mutating func request(_ object: CheckedObject, _ more: [String] = []) -> HTTPRequestTemplate {
    HTTPRequestTemplate(
      method: object.string("method"), path: template(object, "path", more),
      query: object.entries("query").map { ($0.key, template($0.value, more)) }, headers: headers(object, more))
  }

  private mutating func headers(_ object: CheckedObject, _ more: [String] = []) -> [String: HTTPTemplate] {
    Dictionary(object.entries("headers").map { ($0.key, template($0.value, more)) }, uniquingKeysWith: { $1 })
  }

  mutating func template(_ object: CheckedObject, _ key: String, _ more: [String] = []) -> HTTPTemplate {
    object[key].map { template($0, more) } ?? .empty
  }

  /// A template in which every name is known here.
  private mutating func template(_ value: Checked, _ more: [String]) -> HTTPTemplate {
    let template = value.text.flatMap { HTTPTemplate($0) } ?? .empty
    for name in template.names {
      if settings.contains(where: { $0.name == name && $0.kind == .secret }) {
        complaints.error(.secretInTemplate(name), at: value.place)
      } else if !isKnown(name, more) {
        let shown = plain + more.map { $0.hasSuffix(".*") ? $0.dropLast() + "subject" : $0 }
        complaints.error(.unknownVariable(name, known: shown), at: value.place)
      }
    }
    return template
  }

  /// `envelope.*` stands for any attribute.
  private func isKnown(_ name: String, _ more: [String]) -> Bool {
    if plain.contains(name) || more.contains(name) { return true }
    let parts = name.split(separator: ".", maxSplits: 1)
    return parts.count == 2 && more.contains("\(parts[0]).*") && AttributeName.isValid(String(parts[1]))
  }

  // MARK: - Operations

  /// What an operation's templates may name of the delivery.
  static let deliveryNames = ["delivery.id", "delivery.receiver", "envelope.*"]

  /// The programs of an operation's `values:`.
  func values(of operation: CheckedObject) -> [(name: String, jq: TextSource)] {
    operation.entries("values").map { entry in
      (entry.key, texts.inline(entry.value, key: "\(operation.string("name")).values.\(entry.key)"))
    }
  }

  private mutating func operation(_ object: CheckedObject) -> HTTPOperation {
    let name = object.string("name")
    let values = values(of: object)
    let more = Self.deliveryNames + values.map { "values.\($0.name)" }
    let answer = object.object("answer")
    let request = request(object, more)
    return HTTPOperation(
      name: name, summary: object.string("summary"), request: request, values: values,
      map: texts.mappings(object), contentType: object.text("contentType"),
      soap: object.object("soap").map { SOAPBinding(version: $0.string("version"), action: $0.string("action")) },
      answerMap: answer.map { texts.mappings($0) } ?? [],
      success: answer.flatMap { texts.program($0, "success", key: "\(name).answer.success") },
      reference: answer.flatMap { texts.program($0, "reference", key: "\(name).answer.reference") },
      errors: object.objects("errors").map { error($0, in: "\(name).errors") },
      isRead: object["read"] == nil ? Question(method: request.method).isSafe : object.flag("read"))
  }

  private mutating func error(_ object: CheckedObject, in key: String) -> HTTPErrorRule {
    for item in object.items("status") {
      let text = item.text ?? ""
      if text.wholeMatch(of: /[1-5][0-9x][0-9x]/) == nil { complaints.error(.badStatus(text), at: item.place) }
    }
    return HTTPErrorRule(
      statuses: object.texts("status"), when: texts.program(object, "when", key: "\(key).\(object.place.line)"),
      fault: object.text("fault"), verdict: HTTPErrorRule.Verdict(rawValue: object.string("verdict")) ?? .reject,
      code: object.text("code"), reason: object.text("reason"))
  }

  private mutating func source(_ object: CheckedObject) -> HTTPSource {
    let name = object.string("name")
    return HTTPSource(
      name: name, request: request(object, ["cursor", "limit"]),
      events: texts.program(object, "events", key: "\(name).events")
        ?? texts.inline(Checked(value: .text("[]"), place: object.place), key: name),
      cursor: texts.program(object, "cursor", key: "\(name).cursor"),
      more: texts.program(object, "more", key: "\(name).more"),
      acknowledge: object.object("acknowledge").map { request($0, ["event.*"]) })
  }

  private mutating func webhook(_ object: CheckedObject) -> HTTPWebhook {
    let path = object.string("path")
    return HTTPWebhook(
      path: path.hasPrefix("/") ? path : "/\(path)", authentication: authentication(object.object("authentication")),
      events: texts.program(object, "events", key: "webhooks.\(path)")
        ?? texts.inline(Checked(value: .text("[]"), place: object.place), key: path))
  }

  // MARK: - Authentication

  private mutating func authentication(_ object: CheckedObject?) -> HTTPAuthentication {
    guard let object else { return .none }
    if let basic = object.object("basic") {
      return .basic(username: setting(basic, "username", secret: false), password: setting(basic, "password"))
    }
    if let bearer = object.object("bearer") { return .bearer(token: setting(bearer, "token")) }
    if let key = object.object("apiKey") { return .apiKey(header: key.string("header"), key: setting(key, "key")) }
    if let oauth = object.object("oauth") {
      return .oauth(
        tokenURL: template(oauth, "tokenURL"), clientId: setting(oauth, "clientId", secret: false),
        clientSecret: setting(oauth, "clientSecret"), scope: oauth.text("scope"))
    }
    guard let hmac = object.object("hmac") else { return .none }
    let signed = ["method", "path", "query", "time", "body", "bodySHA256"]
    return .hmac(
      HMACSignature(
        key: setting(hmac, "key"), header: hmac.string("header"), text: template(hmac, "text", signed),
        algorithm: hmac.string("algorithm"), encoding: hmac.string("encoding"), prefix: hmac.string("prefix"),
        timeHeader: hmac.text("timeHeader")))
  }

  /// The name of a setting that must be declared, and be a secret where one is wanted.
  mutating func setting(_ object: CheckedObject, _ key: String, secret: Bool = true) -> String {
    let name = object.string(key)
    let known = settings.filter { !secret || $0.kind == .secret }.map(\.name)
    if !known.contains(name) {
      complaints.error(.unknownSetting(name, known: known, secret: secret), at: object.place(key))
    }
    return name
  }
}
