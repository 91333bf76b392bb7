import HubConfig
import HubKit
import HubRouting

/// Connectors as tests need them: one setting of each kind.
let sampleConnectors: [ConnectorDescriptor] = [
  ConnectorDescriptor(
    name: "http", summary: "Plain HTTP.", certificate: "A",
    settings: [
      Setting("url", .url, required: true, example: "https://system.example/in", help: "Where messages go."),
      Setting(
        "mode", .choice(["binary", "structured"]), default: .text("binary"), example: "structured", help: "The form."),
      Setting("password", .secret, example: "file:secrets/http.password", help: "The password."),
      Setting("headers", .map, default: .map([:]), example: "{X-Tenant: a}", help: "Further header fields."),
      Setting("successStatus", .list, example: "[200]", help: "Codes that mean success."),
      Setting("retries", .integer(0...5), default: .integer(1), example: "1", help: "Renewals of a session."),
      Setting("pause", .duration, example: "1s", help: "Between two requests."),
      Setting("compress", .flag, default: .flag(false), example: "true", help: "Whether bodies are compressed."),
      Setting("label", .text, example: "west", help: "A text."),
    ]),
  ConnectorDescriptor(
    name: "edocument", summary: "The document axis.", certificate: "B",
    settings: [Setting("url", .url, required: true, example: "https://axis.example", help: "Base URL.")]),
  ConnectorDescriptor(
    name: "inbox", summary: "A box.", certificate: "A", settings: [], operations: [.init("keep", "Keeps it.")],
    isInbox: true),
]

/// A small configuration without any complaint.
enum Sample {
  static let hub = """
    hub:
      name: Test
      organisation: H24
    journal:
      key: file:secrets/journal.key
    """

  static let city = """
    name: city
    connector: http
    settings:
      url: http://127.0.0.1:8091/{receiver}
    """

  static let route = """
    name: documents
    match: {type: vn.gov.edoc.document}
    to: recipients
    keep: digest
    """

  static let agencies = """
    agencies:
      - code: H24
        name: Thành phố
        endpoint: city
        aliases: [H23]
      - code: H24.1
        name: Sở Nội vụ
        endpoint: city
    """

  static let access = """
    access:
      - {agency: "H24.*", send: [vn.gov.*]}
    """

  static let files: [String: String] = [
    "hub.yaml": hub, "endpoints/city.yaml": city, "routes/10.yaml": route, "agencies.yaml": agencies,
    "access.yaml": access,
  ]

  /// Loads the sample with some files replaced, added, or (nil) left out.
  static func load(_ changes: [String: String?] = [:], secrets: SecretResolution = .unresolved) -> (
    configuration: HubConfiguration?, complaints: [Complaint]
  ) {
    var all: [String: String?] = files
    for (path, text) in changes { all.updateValue(text, forKey: path) }
    let (configuration, complaints) = loadConfiguration(
      ConfigFiles(texts: all.compactMapValues { $0 }), connectors: sampleConnectors, mocks: sampleConnectors,
      secrets: secrets)
    return (configuration, complaints)
  }

  /// What is found wrong, each as `file:line:column code` with `-> suggestion` when there is one.
  static func found(_ changes: [String: String?]) -> [String] {
    load(changes).complaints.map(\.short)
  }
}

extension Complaint {
  /// Place, code and suggestion, for comparison; warnings are marked.
  var short: String {
    "\(place) \(severity == .warning ? "warning " : "")\(code)" + (suggestion.map { " -> \($0)" } ?? "")
  }
}

/// A text with lines put after its own.
func + (text: String, lines: [String]) -> String {
  ([text] + lines).joined(separator: "\n")
}
