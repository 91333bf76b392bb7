/// Which room may import what: the arrows of ARCHITECTURE.md as a table. A folder that is not in it fails the test, so
/// that nobody adds a room without saying what it may touch.
enum ImportTable {
  /// Modules of the platform that reach nothing outside the process by themselves.
  private static let plain: Set<String> = ["FoundationEssentials", "Synchronization"]
  /// Modules of the platform by which files, processes and the environment can be reached.
  private static let platform: Set<String> = plain.union(["Dispatch", "Foundation", "Glibc"])
  /// The web server's modules.
  private static let web: Set<String> = [
    "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdHTTP2", "HummingbirdTLS", "Logging", "NIOCore",
    "NIOHTTP1", "NIOHTTP2", "NIOHTTPTypes", "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOTLS", "ServiceLifecycle",
    "UnixSignals",
  ]
  /// What every connector and every mock may import, besides the wires that are named with it.
  private static let connector: Set<String> = plain.union(["Crypto", "Dispatch", "HubKit", "Logging"])

  /// Folders of C: system libraries and their shims. They hold no Swift.
  static let c: Set<String> = [
    "CCurl", "CJSONSchema", "CJq", "CLibCrypto", "CLibCurl", "CLibJq", "CLibXML", "CProcess", "CSQLite", "CSignature",
    "CXML", "CZlib",
  ]

  /// What each room imports at most.
  static let rooms: [String: Set<String>] = [
    "HubKit": ["Glibc", "Logging", "Synchronization"],
    "HubTransport": platform.union(["CCurl", "HubKit", "Logging"]),
    "HubTransform": platform.union(["CJSONSchema", "CJq", "CProcess", "CXML", "CZlib", "Crypto", "HubKit"]),
    "HubSignature": platform.union(["CProcess", "CSignature", "HubKit", "HubTransform"]),
    "HubRouting": ["HubKit"],
    "HubJournal": platform.union(["CSQLite", "Crypto", "HubKit", "Logging"]),
    "HubBus": plain.union([
      "CoreMetrics", "Crypto", "HubJournal", "HubKit", "HubRouting", "HubTransform", "Logging", "ServiceLifecycle",
    ]),
    "HubConfig": platform.union(["Crypto", "HubKit", "HubRouting", "Yams"]),
    "HubHosting": platform.union([
      "CProcess", "Crypto", "HubConfig", "HubKit", "HubRouting", "HubTransform", "JSONWire", "Logging", "SOAPWire",
      "XMLWire",
    ]),
    "HubServing": plain.union(web).union(["HubKit"]),
    "HubGateway": platform.union(web).union(["Crypto", "HubKit", "HubServing", "JWTKit"]),
    "HubMock": platform.union(web).union(["HubConfig", "HubKit", "HubServing"]),
    "HubAdmin": plain.union(web).union(["CoreMetrics", "Crypto", "Glibc", "HubKit"]),
    "HubInsight": plain.union(["HubBus", "HubKit", "Logging", "ServiceLifecycle"]),
    "HubReplay": platform.union([
      "CProcess", "Crypto", "HubBus", "HubJournal", "HubKit", "HubRouting", "HubTesting", "HubTransform",
    ]),
    "HubTesting": platform.union(["HubKit", "HubTransform", "Logging"]),
    "HubCommand": platform.union(web).union([
      "ArgumentParser", "CoreMetrics", "Crypto", "HubAdmin", "HubBus", "HubConfig", "HubGateway", "HubHosting",
      "HubInsight", "HubJournal", "HubKit", "HubMock", "HubReplay", "HubRouting", "HubSignature", "HubTesting",
      "HubTransform", "HubTransport", "Yams",
    ]),
    "AxisWire": plain.union(["Crypto", "EdXMLWire", "HubKit", "JSONWire"]),
    "EdXMLWire": plain.union(["Crypto", "HubKit", "XMLWire"]),
    "JSONWire": ["FoundationEssentials", "HubKit"],
    "XMLWire": plain.union(["CXML", "HubKit"]),
    "SOAPWire": plain.union(["HubKit", "XMLWire"]),
  ]

  /// The executable names the installed connectors and holds no logic: these, and every connector with its mock.
  static let executable: Set<String> = ["HubCommand", "HubKit"]

  /// Which wires a connector and its mock share with others.
  static let wires: [String: Set<String>] = [
    "HTTP": [],
    "DocumentSystems": ["AxisWire", "EdXMLWire", "JSONWire"],
    "EDocument": ["AxisWire", "EdXMLWire", "JSONWire"],
    "NationalPortal": ["JSONWire"],
    "OperationsCentre": ["JSONWire"],
    "Population": ["JSONWire", "SOAPWire", "XMLWire"],
    "ProcedureSystem": ["JSONWire"],
    "VNeID": ["CryptoExtras", "JSONWire"],
  ]

  /// What a file may import, by the folder in which it lies.
  ///
  /// - Returns: nil when the folder is not in the table.
  static func allowed(for path: String) -> Set<String>? {
    let parts = path.split(separator: "/").map(String.init)
    guard parts.count > 2 else { return nil }
    switch (parts[0], parts[1]) {
    case ("Sources", "lgsp"):
      return executable.union(wires.keys.flatMap { [$0, "\($0)Mock", "\($0)Contract"] })
    case ("Sources", let room): return rooms[room]
    case ("Plugins", let name):
      guard let own = wires[name] else { return nil }
      if parts[2] == "Contract" { return connector.union(own).union([name, "\(name)Mock", "HubTesting"]) }
      guard parts[2] == "Tests" else { return connector.union(own) }
      return connector.union(platform).union(own).union([
        name, "\(name)Contract", "\(name)Mock", "CXML", "HubMock", "HubTesting", "HubTransport", "ServiceLifecycle",
        "Testing",
      ])
    default: return nil
    }
  }
}
