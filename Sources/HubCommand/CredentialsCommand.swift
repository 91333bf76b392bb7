internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit
internal import HubRouting
internal import NIOSSL

/// `lgsp credentials`: all that ends some day.
struct CredentialsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "credentials",
    abstract: "Chứng thư, khóa, mật khẩu: của ai, hết hạn khi nào / certificates, keys, passwords: whose, until when.",
    discussion: "Ví dụ / example:  lgsp credentials list --within 30d",
    subcommands: [List.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list",
      abstract: "Liệt kê mọi thông tin xác thực, và điều gì dừng khi nó hết hạn / list all, and what stops with each.",
      discussion: """
        Giá trị bí mật không bao giờ được in / no secret's value is ever printed.
        Mã kết thúc / exit code: 1 khi có cái thiếu hoặc hết hạn / when one is missing or has ended.
        """)

    @Option(help: "Chỉ những cái hết hạn trong thời gian này, ví dụ 30d / only what ends within this time.")
    var within: String?
    @Flag(help: "Mảng JSON / a JSON array.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let files = try Site.files(in: location.folder)
        let configuration = try Site.load(files, secrets: .unresolved)
        var all = CredentialInventory(configuration, folder: location.folder, now: SystemClock().now).credentials
        let isBad = all.contains { ["missing", "ended"].contains($0.state) }
        if let within {
          guard let days = Int(within.hasSuffix("d") ? String(within.dropLast()) : within), days >= 0 else {
            throw Failure("--within \(within)? ví dụ / as in 30d")
          }
          let limit = SystemClock().now + .seconds(days * 86_400)
          all = all.filter { $0.ends.map { $0 <= limit } ?? ($0.state == "missing") }
        }
        if json { try Output.json(all) } else { show(all) }
        if isBad { throw ExitStatus.wrong }
      }
    }

    private func show(_ all: [CredentialInventory.Credential]) {
      let words = [
        "ok": "tốt / ok", "soon": "sắp hết / soon", "ended": "HẾT HẠN / ENDED", "missing": "THIẾU / MISSING",
      ]
      Output.table(
        ["LOẠI / KIND", "TÊN / NAME", "CỦA / OWNER", "ĐẾN / UNTIL", "", "KHI HẾT THÌ DỪNG / STOPS WITH IT"],
        all.map {
          [$0.kind, $0.name, $0.owner, $0.until.map { String($0.prefix(10)) } ?? "–", words[$0.state] ?? "", $0.stops]
        })
    }
  }
}

/// All certificates, keys, tokens and passwords that a configuration names.
struct CredentialInventory {
  struct Credential: Encodable {
    /// `agency`, `secret`, `certificate`, `trust`.
    var kind: String
    var name: String
    var owner: String
    /// When it ends (RFC 3339); nil: nobody knows.
    var until: String?
    /// `ok`, `soon` (thirty days), `ended`, `missing`.
    var state: String
    var stops: String
    var ends: Timestamp?

    enum CodingKeys: String, CodingKey { case kind, name, owner, until, state, stops }
  }

  private let configuration: HubConfiguration
  private let folder: String
  private let now: Timestamp

  init(_ configuration: HubConfiguration, folder: String, now: Timestamp) {
    self.configuration = configuration
    self.folder = folder
    self.now = now
  }

  var credentials: [Credential] {
    let endpoints = configuration.endpoints.flatMap { ofEndpoint($0) }
    return (ofHub + endpoints + ofAgencies).sorted { ($0.ends ?? .distant, $0.name) < ($1.ends ?? .distant, $1.name) }
  }

  private var ofAgencies: [Credential] {
    configuration.agencies.credentials.map { stored in
      let name = configuration.agencies.agency(stored.agency)?.name ?? ""
      return credential(
        "agency", stored.id, "\(stored.agency.text) \(name)", ends: stored.expires, isThere: true,
        stops: "\(stored.agency.text) không gửi được / cannot send")
    }
  }

  private var ofHub: [Credential] {
    let gateway = configuration.hub.gateway
    var list = [
      secret(
        configuration.hub.journal.key, "journal.key", owner: "hub",
        stops: "hub không khởi động / the hub does not start")
    ]
    if let https = gateway.https {
      list.append(
        certificate(https.certificate, "gateway.https.certificate", owner: "hub", stops: "cổng / the door"))
      list.append(secret(https.key, "gateway.https.key", owner: "hub", stops: "cổng / the door"))
    }
    return list
  }

  private func ofEndpoint(_ endpoint: EndpointConfiguration) -> [Credential] {
    let stops = stops(endpoint.name)
    let descriptors = Installation.current.connectors.map { $0.descriptor } + configuration.manifests.map(\.descriptor)
    let settings = descriptors.first { $0.name == endpoint.connector }?.settings ?? []
    var list = settings.compactMap { setting in
      endpoint.settings.secret(setting.name).map {
        secret($0, "\(endpoint.name).\(setting.name)", owner: endpoint.connector, stops: stops)
      }
    }
    if let file = endpoint.tls?.ca {
      list.append(certificate(file, "\(endpoint.name).tls.ca", owner: endpoint.connector, stops: stops, kind: "trust"))
    }
    if let file = endpoint.tls?.certificate {
      list.append(certificate(file, "\(endpoint.name).tls.certificate", owner: "hub", stops: stops))
    }
    if let key = endpoint.tls?.key {
      list.append(secret(key, "\(endpoint.name).tls.key", owner: "hub", stops: stops))
    }
    return list
  }

  /// The routes that lead to an endpoint, by its name or by agencies that are reached through it.
  private func stops(_ endpoint: String) -> String {
    let hasAgencies = configuration.agencies.agencies.contains { $0.endpoint == endpoint }
    let routes = configuration.routes.filter { route in
      let isTarget = route.to.contains { target in
        switch target {
        case .endpoint(let address): address.endpoint == endpoint
        case .recipients, .origin: hasAgencies
        }
      }
      return isTarget || route.enrich.contains { $0.call.endpoint == endpoint }
        || route.tap.contains { $0.endpoint == endpoint }
    }
    return routes.isEmpty ? endpoint : "\(endpoint): \(routes.map(\.name).joined(separator: ", "))"
  }

  private func secret(_ secret: Secret, _ name: String, owner: String, stops: String) -> Credential {
    let reference = secret.reference
    let isThere: Bool
    if reference.hasPrefix("file:") {
      let path = configuredPath(String(reference.dropFirst(5)), in: folder)
      isThere = (FileManager.default.contents(atPath: path)?.isEmpty).map { !$0 } ?? false
    } else if reference.hasPrefix("env:") {
      isThere = ProcessInfo.processInfo.environment[String(reference.dropFirst(4))]?.isEmpty == false
    } else {
      let home = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"] ?? ""
      isThere = FileManager.default.fileExists(atPath: "\(home)/\(reference.split(separator: ":").last ?? "")")
    }
    return credential("secret", "\(name) (\(reference))", owner, ends: nil, isThere: isThere, stops: stops)
  }

  private func certificate(
    _ file: PEMFile, _ name: String, owner: String, stops: String, kind: String = "certificate"
  ) -> Credential {
    let chain = try? NIOSSLCertificate.fromPEMFile(configuredPath(file.path, in: folder))
    // The first to end ends it all.
    let end = chain?.map { Timestamp(microseconds: Int64($0.notValidAfter) * 1_000_000) }.min()
    return credential(kind, name, owner, ends: end, isThere: end != nil, stops: stops)
  }

  private func credential(
    _ kind: String, _ name: String, _ owner: String, ends: Timestamp?, isThere: Bool, stops: String
  ) -> Credential {
    let state =
      if !isThere { "missing" } else if let ends, ends <= now {
        "ended"
      } else if let ends,
        ends <= now + .seconds(30 * 86_400)
      { "soon" } else { "ok" }
    return Credential(
      kind: kind, name: name, owner: owner, until: ends?.description, state: state, stops: stops, ends: ends)
  }
}

extension Timestamp {
  /// After all that has an end.
  fileprivate static let distant = Timestamp(microseconds: .max)
}
