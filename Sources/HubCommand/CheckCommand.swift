internal import ArgumentParser
internal import HubBus
internal import HubConfig
internal import HubHosting
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTransform

/// `lgsp check`: looks a configuration over without touching anything.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Kiểm tra cấu hình, không chạm vào mạng / look a configuration over; touches no network.",
    discussion: """
      Mỗi lỗi nêu tệp, dòng, cột và từ đúng gần nhất / each complaint names file, line, column, the nearest right word.

      Ví dụ / examples:
        lgsp check Config
        lgsp check Config --test        chạy cả `tests:` của các route / also run the routes' own tests
        lgsp check Config --json | jq '.[] | select(.severity == "error")'
      """)

  @Argument(help: "Thư mục cấu hình / configuration folder.") var folder = "Config"
  @Flag(help: "Chạy `tests:` của các route / run the tests that routes carry.") var test = false
  @Flag(help: "Mảng JSON các lỗi / a JSON array of complaints.") var json = false

  func run() async throws {
    try await reporting {
      let files = try Site.files(in: folder)
      let report = await Checking(files).run(withTests: test)
      if json { try Output.json(report.complaints, pretty: true) } else { show(report) }
      guard !report.complaints.contains(where: { $0.severity == .error }) else { throw ExitStatus.wrong }
    }
  }

  private func show(_ report: Checking.Report) {
    for complaint in report.complaints { Output.line(complaint.description) }
    let errors = report.complaints.count { $0.severity == .error }
    let tests = test ? ", \(report.testCount) route tests" : ""
    Output.line(
      errors == 0
        ? "Được / good: \(report.routeCount) routes\(tests), \(report.complaints.count) cảnh báo / warnings"
        : "\(errors) lỗi / errors\(tests)")
  }
}

/// All checks of a configuration: what HubConfig finds in the text, what does not compile, and the routes' tests.
struct Checking {
  struct Report {
    /// nil when something is wrong with it as it stands in the files.
    var configuration: HubConfiguration?
    var complaints: [Complaint]
    var routeCount = 0
    var testCount = 0
  }

  private let files: ConfigFiles

  private let secrets: SecretResolution

  init(_ files: ConfigFiles, secrets: SecretResolution = .unresolved) {
    self.files = files
    self.secrets = secrets
  }

  /// All save the routes' tests. Compiles, so it takes a while.
  func look() -> Report {
    let (configuration, complaints) = loadConfiguration(
      files, connectors: Installation.current.connectors.map { $0.descriptor },
      mocks: Installation.current.mocks.map { $0.descriptor }, secrets: secrets)
    var report = Report(configuration: configuration, complaints: complaints)
    guard let configuration else { return report }
    report.routeCount = configuration.routes.count
    // Nothing is evaluated by it: a check only makes what is there.
    let pool = TransformPool(limits: TransformLimits(threads: 1), program: nil)
    defer { pool.shutdown() }
    let catalogue = Catalogue(configuration, in: "", pool: pool)
    report.complaints += connectorComplaints(configuration, catalogue) + compileComplaints(configuration)
    report.complaints += signInComplaints(configuration, catalogue) + formatComplaints(configuration)
    return report
  }

  func run(withTests: Bool) async -> Report {
    var report = look()
    if withTests, let configuration = report.configuration,
      !report.complaints.contains(where: { $0.severity == .error })
    {
      let runner = RouteTestRunner(stage: HubAssembly.rehearsalStage(configuration, files: files))
      for route in configuration.routes {
        report.testCount += route.tests.count
        report.complaints += await runner.run(route).map(Self.complaint)
      }
    }
    return report
  }

  /// What connectors say about settings that cannot work together.
  private func connectorComplaints(_ configuration: HubConfiguration, _ catalogue: Catalogue) -> [Complaint] {
    configuration.endpoints.compactMap { endpoint -> Complaint? in
      let kind = catalogue.connector(endpoint.connector)
      do throws(SettingError) {
        _ = try kind?.configured(endpoint.settings)
        return nil
      } catch {
        return Complaint(
          severity: .error, file: endpoint.place.file, line: endpoint.place.line, column: endpoint.place.column,
          code: "setting", message: "Setting \(error.name) of endpoint \(endpoint.name): \(error.message)",
          vi: "Thiết lập \(error.name) của điểm nối \(endpoint.name): \(error.message)")
      }
    }
  }

  /// Formats in which nothing can be sent.
  private func formatComplaints(_ configuration: HubConfiguration) -> [Complaint] {
    let guises = HubAssembly.formats(configuration).codecs.filter { $0.guise != nil }.map(\.name)
    return configuration.endpoints.compactMap { endpoint in
      guard let format = endpoint.format, !guises.contains(format) else { return nil }
      let known = guises.joined(separator: ", ")
      return Complaint(
        severity: .error, file: endpoint.place.file, line: endpoint.place.line, column: endpoint.place.column,
        code: "format", message: "Endpoint \(endpoint.name) wants the format \(format); there is: \(known).",
        vi: "Điểm nối \(endpoint.name) đòi định dạng \(format); hiện có: \(known).")
    }
  }

  /// Mappings, predicates and schemas that do not compile.
  private func compileComplaints(_ configuration: HubConfiguration) -> [Complaint] {
    var seen = Set<String>()
    let routes = configuration.routes.map { (plans: RouteBook.plans(of: $0), sources: $0.sources) }
    let manifests = configuration.manifests.map { manifest in
      let programs = HostedConnectors.programs(of: manifest)
      return (plans: [programs.plan], sources: programs.sources)
    }
    return (routes + manifests).flatMap { owner in
      let places = Dictionary(owner.sources.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
      return owner.plans.flatMap(HubTransform.compileComplaints).compactMap { found -> Complaint? in
        guard seen.insert("\(found.source):\(found.line ?? 0):\(found.message)").inserted else { return nil }
        let source = places[found.source]
        let isInline = source?.isInline ?? false
        let line = (found.line ?? 1) + (isInline ? (source?.place.line ?? 1) - 1 : 0)
        return Complaint(
          severity: .error, file: isInline ? source?.place.file ?? found.source : found.source, line: line,
          column: found.column ?? (isInline ? source?.place.column ?? 1 : 1), code: "does-not-compile",
          message: found.message, vi: "Không biên dịch được: \(found.message)")
      }
    }
  }

  private static func complaint(_ finding: RouteTestRunner.Finding) -> Complaint {
    Complaint(
      severity: .error, file: finding.place.file, line: finding.place.line, column: finding.place.column,
      code: "route-test", message: "Test “\(finding.test)” of route \(finding.route): \(finding.message)",
      vi: "Phép thử “\(finding.test)” của tuyến \(finding.route) không đạt: \(finding.message)")
  }
}
