// swift-tools-version: 6.2
//
// How this file is ordered: products, dependencies, then targets from the inside of the house outwards:
// C libraries, HubKit, the rooms, wires, connectors, the executable, tests. A connector is one line:
// `connector("Name")`. ARCHITECTURE.md says which room may import which; ArchitectureTests keeps it so.

import PackageDescription

/// What every Swift target of ours is compiled with.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let jwt: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// One room of the house: `Sources/<name>` and, unless told otherwise, `Tests/<name>Tests`.
func room(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil, tests: [Target.Dependency]? = []
) -> [Target] {
  let target = Target.target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
  guard let tests else { return [target] }
  let own: [Target.Dependency] = [.target(name: name), "HubTesting"] + (name == "HubKit" ? [] : ["HubKit"])
  return [
    target,
    .testTarget(
      name: "\(name)Tests", dependencies: own + tests, exclude: ["Fixtures"], swiftSettings: strict),
  ]
}

/// One connector under `Plugins/<name>`: the module, its mock, what proves it against the mock, and its tests.
func connector(
  _ name: String, wires: [Target.Dependency] = [], mock: [Target.Dependency] = [], tests: [Target.Dependency] = []
) -> [Target] {
  let path = "Plugins/\(name)"
  return [
    .target(
      name: name, dependencies: ["HubKit"] + wires, path: path, exclude: ["README.md", "Mock", "Contract", "Tests"],
      swiftSettings: strict),
    .target(
      name: "\(name)Mock", dependencies: ["HubKit"] + wires + mock, path: "\(path)/Mock", swiftSettings: strict),
    .target(
      name: "\(name)Contract",
      dependencies: [.target(name: name), .target(name: "\(name)Mock"), "HubKit", "HubTesting"] + wires,
      path: "\(path)/Contract", swiftSettings: strict),
    .testTarget(
      name: "\(name)Tests",
      dependencies: [
        .target(name: name), .target(name: "\(name)Mock"), .target(name: "\(name)Contract"), "HubKit", "HubTesting",
        "HubTransport",
      ] + wires + tests,
      path: "\(path)/Tests", exclude: ["Fixtures"], swiftSettings: strict),
  ]
}

/// The connectors that our own `lgsp` knows, each with mock and contract: in the order of the alphabet, the plain one
/// first.
let installed: [Target.Dependency] =
  [
    "HTTP", "DocumentSystems", "EDocument", "NationalPortal", "Population", "ProcedureSystem", "VNeID",
  ].flatMap { [.target(name: $0), .target(name: "\($0)Mock"), .target(name: "\($0)Contract")] } + ["OperationsCentreMock"]

let systemLibraries: [Target] = [
  .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
  .systemLibrary(name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  .systemLibrary(name: "CLibJq", providers: [.apt(["libjq-dev"])]),
  .systemLibrary(name: "CLibXML", pkgConfig: "libexslt", providers: [.apt(["libxml2-dev", "libxslt1-dev"])]),
  .systemLibrary(name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
  .target(name: "CCurl", dependencies: ["CLibCurl"]),
  .target(name: "CJq", dependencies: ["CLibJq"], linkerSettings: [.linkedLibrary("jq")]),
  .target(name: "CXML", dependencies: ["CLibXML"]),
  .target(name: "CJSONSchema"),
  .target(name: "CProcess"),
  .target(name: "CSignature", dependencies: ["CLibCrypto"]),
  .target(name: "CFaultVFS", dependencies: ["CSQLite"], path: "Tests/CFaultVFS"),
]

let rooms: [Target] = [
  room("HubKit", [logging]),
  room("HubTransport", ["HubKit", "CCurl", logging], tests: [logging]),
  room("HubTransform", ["HubKit", "CJq", "CXML", "CJSONSchema", "CProcess", "CZlib", crypto], tests: ["lgsp"]),
  room("HubSignature", ["HubKit", "HubTransform", "CProcess", "CSignature"], tests: ["HubTransform", "lgsp"]),
  room("HubRouting", ["HubKit"]),
  room("HubJournal", ["HubKit", "CSQLite", crypto, logging], tests: ["CFaultVFS"]),
  room(
    "HubBus", ["HubKit", "HubJournal", "HubRouting", "HubTransform", crypto, lifecycle, logging, metrics],
    tests: ["HubJournal", "HubRouting", "HubTransform", logging]),
  room("HubConfig", ["HubKit", "HubRouting", yams, crypto], tests: ["HubBus", "HubRouting"] + installed),
  room(
    "HubHosting",
    [
      "HubKit", "HubConfig", "HubRouting", "HubTransform", "CProcess", "JSONWire", "SOAPWire", "XMLWire", crypto,
      logging,
    ],
    tests: ["HubMock", "HubTransport", "OperationsCentreMock", logging]),
  room("HubServing", ["HubKit", hummingbird, httpTypes, nioCore, .product(name: "NIOPosix", package: "swift-nio")], tests: [hummingbird, nioCore, httpTypes, logging]),
  room(
    "HubGateway",
    [
      "HubKit", "HubServing", hummingbird, jwt, crypto, lifecycle, logging,
      .product(name: "HummingbirdTLS", package: "hummingbird"),
      .product(name: "HummingbirdHTTP2", package: "hummingbird"),
      httpTypes, nioCore,
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOTLS", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
      .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
    ],
    resources: [.embedInCode("openapi.yaml")],
    tests: [hummingbird, lifecycle, logging]),
  room(
    "HubMock",
    [
      "HubKit", "HubConfig", "HubServing", hummingbird, lifecycle, logging, nioCore,
      .product(name: "HummingbirdTLS", package: "hummingbird"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ],
    tests: ["HubConfig", "HubTransport", lifecycle, logging]),
  room(
    "HubAdmin", ["HubKit", hummingbird, metrics, crypto, httpTypes, lifecycle, logging, nioCore],
    tests: ["HubTransport", hummingbird, lifecycle, logging]),
  room(
    "HubInsight", ["HubKit", "HubBus", lifecycle, logging],
    tests: [
      "HubBus", "HubJournal", "HubRouting", "HubTransform", "HubTransport", "HubConfig", "HubHosting",
      "OperationsCentreMock", lifecycle, logging,
    ]),
  room(
    "HubReplay", ["HubKit", "HubBus", "HubJournal", "HubTransform", "HubRouting", "HubTesting", "CProcess", crypto],
    tests: ["HubBus", "HubJournal", "HubRouting", "HubTransform", logging]),
  room("HubTesting", ["HubKit", "HubTransform", logging], tests: nil),
  room(
    "HubCommand",
    [
      "HubKit", "HubConfig", "HubRouting", "HubTransform", "HubTransport", "HubJournal", "HubBus", "HubGateway",
      "HubAdmin", "HubHosting", "HubMock", "HubReplay", "HubInsight", "HubSignature", "HubTesting", hummingbird,
      argumentParser, lifecycle, logging, metrics, crypto, .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ],
    resources: [.embedInCode("Scaffold/lgsp_connector.py")]),
  room("EdXMLWire", ["HubKit", "XMLWire", crypto]),
  room("JSONWire", ["HubKit"]),
  room("AxisWire", ["EdXMLWire", "HubKit", "JSONWire", crypto]),
  room("XMLWire", ["HubKit", "CXML"]),
  room("SOAPWire", ["HubKit", "XMLWire"], tests: ["XMLWire"]),
].flatMap { $0 }

let connectors: [Target] = [
  connector("HTTP", mock: [crypto], tests: [logging]),
  connector("DocumentSystems", wires: ["AxisWire", "EdXMLWire", "JSONWire", logging]),
  connector("EDocument", wires: ["AxisWire", "EdXMLWire", "JSONWire", crypto, logging]),
  connector("NationalPortal", wires: ["JSONWire", crypto, logging]),
  [
    .target(
      name: "OperationsCentreMock", dependencies: ["HubKit", "JSONWire", crypto], path: "Plugins/OperationsCentre/Mock",
      swiftSettings: strict)
  ],
  connector("Population", wires: ["JSONWire", "SOAPWire", "XMLWire", crypto, logging]),
  connector("ProcedureSystem", wires: ["JSONWire", crypto, logging]),
  connector("VNeID", wires: [crypto, cryptoExtras], mock: ["JSONWire"], tests: ["HubMock", logging]),
].flatMap { $0 }

let executable: [Target] = [
  .executableTarget(name: "lgsp", dependencies: ["HubCommand", "HubKit"] + installed, swiftSettings: strict)
]

/// The yardstick of `Benchmarks/run`, which alone asks for it by name.
let benchmarks: [Target] = [
  .executableTarget(
    name: "BenchmarkEcho", dependencies: [hummingbird, logging], path: "Benchmarks/Echo", swiftSettings: strict)
]

let houseTests: [Target] = [
  .testTarget(name: "ArchitectureTests", swiftSettings: strict),
  .testTarget(
    name: "ScenarioTests",
    dependencies: [
      "HubCommand", "HubKit", "HubTesting", "HubTransport", "AxisWire", "EdXMLWire", "HubJournal", "HubConfig", "CXML", "lgsp",
    ] + installed, swiftSettings: strict),
]

let package = Package(
  name: "lgsp-hub",
  products: [
    .executable(name: "lgsp", targets: ["lgsp"]),
    .library(name: "HubKit", targets: ["HubKit"]),
    .library(name: "HubCommand", targets: ["HubCommand"]),
    .library(name: "HubTesting", targets: ["HubTesting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
    .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
  ],
  targets: systemLibraries + rooms + connectors + executable + benchmarks + houseTests,
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
