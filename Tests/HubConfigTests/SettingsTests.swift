import FoundationEssentials
import HubConfig
import HubKit
import HubRouting
import HubTesting
import Testing

@Suite struct SettingsTests {
  @Test func `Every setting of the hub is read`() throws {
    let text = """
      hub: {name: Thành phố, organisation: H24.1, data: /var/lib/lgsp}
      gateway:
        http: "[::1]:8080"
        https: {address: 0.0.0.0:8443, certificate: tls/a.pem, key: "file:tls/a.key"}
        bodyBytesMax: 1MiB
        headerBytesMax: 2KiB
        requestTimeout: 3s
        tokenLifetime: 4m
        batchMax: 5
        connectionsMax: 6
      limits:
        openExchangesMax: 7
        openExchangesPerAgencyMax: 8
        openBytesMax: 9MiB
        openBytesPerAgencyMax: 10MiB
        freeDiskBytesMin: 11B
        admissionQueueMax: 12
        transformQueueMax: 13
        laneWindowMax: 14
        parkedMax: 15
      journal: {key: "env:JOURNAL_KEY", duplicateWindow: 16d, keepEvents: 29d, keepSegments: 30d}
      transform:
        {threads: 17, timeMax: 18s, memoryMax: 99MiB, depthMax: 19, documentBytesMax: 20KiB, attachmentBytesMax: 21KiB}
      retry: {attempts: 22, first: 23ms, factor: 2.5, max: 24h}
      drain: 25s
      admin: localhost:26
      insight: {every: 27s, minInterval: 28s}
      """
    let hub = try #require(Sample.load(["hub.yaml": text]).configuration?.hub)
    #expect(hub.name == "Thành phố" && hub.organisation.text == "H24.1" && hub.dataFolder == "/var/lib/lgsp")
    let gateway = hub.gateway
    #expect(gateway.http == ListenAddress(host: "::1", port: 8080) && gateway.http?.description == "[::1]:8080")
    #expect(gateway.https?.address == ListenAddress(host: "0.0.0.0", port: 8443))
    #expect(gateway.https?.certificate.path == "tls/a.pem" && gateway.https?.key.reference == "file:tls/a.key")
    #expect(
      [gateway.bodyBytesMax, gateway.headerBytesMax, gateway.batchMax, gateway.connectionsMax] == [1 << 20, 2048, 5, 6])
    #expect([gateway.requestTimeout, gateway.tokenLifetime] == [.seconds(3), .seconds(240)])
    let limits = hub.limits
    #expect([limits.openExchangesMax, limits.openExchangesPerAgencyMax, limits.freeDiskBytesMin] == [7, 8, 11])
    #expect([limits.openBytesMax, limits.openBytesPerAgencyMax] == [9 << 20, 10 << 20])
    #expect(
      [limits.admissionQueueMax, limits.transformQueueMax, limits.laneWindowMax, limits.parkedMax] == [12, 13, 14, 15])
    #expect(hub.journal.key.reference == "env:JOURNAL_KEY" && hub.journal.duplicateWindow == .seconds(16 * 86_400))
    #expect([hub.journal.keepEvents, hub.journal.keepSegments] == [.seconds(29 * 86_400), .seconds(30 * 86_400)])
    let transform = hub.transform
    #expect([transform.threads, transform.depthMax] == [17, 19])
    #expect([transform.documentBytesMax, transform.attachmentBytesMax] == [20 << 10, 21 << 10])
    #expect(transform.timeMax == .seconds(18) && transform.memoryMax == 99 << 20)
    #expect(hub.retry == .init(attempts: 22, first: .milliseconds(23), factor: 2.5, max: .seconds(86_400)))
    #expect(hub.drain == .seconds(25) && hub.admin == ListenAddress(host: "localhost", port: 26))
    #expect(hub.insight?.every == .seconds(27) && hub.insight?.minInterval == .seconds(28))
  }

  @Test func `Indicators are sent only when they are asked for`() throws {
    #expect(try #require(Sample.load().configuration?.hub).insight == nil)
    let hub = try #require(Sample.load(["hub.yaml": Sample.hub + "\ninsight: {every: 60s}"]).configuration?.hub)
    #expect(hub.insight?.every == .seconds(60) && hub.insight?.minInterval == .seconds(10))
  }

  @Test func `The control bus's group is read, and its one address still stands alone`() throws {
    let group = """

      admin:
        address: 127.0.0.1:26
        signIn: city
        operators: [a, 12]
        publicURL: https://hub.example.vn
        sessionIdle: 5m
        sessionMax: 2h
        attemptsMax: 7
      """
    let hub = try #require(Sample.load(["hub.yaml": Sample.hub + group]).configuration?.hub)
    #expect(hub.admin == ListenAddress(host: "127.0.0.1", port: 26))
    #expect(hub.signIn?.endpoint == "city" && hub.signIn?.operators == ["a", "12"])
    #expect(hub.signIn?.publicURL == "https://hub.example.vn" && hub.signIn?.attemptsMax == 7)
    #expect(hub.signIn?.sessionIdle == .seconds(300) && hub.signIn?.sessionMax == .seconds(7200))
    #expect(hub.signIn?.place == SourcePlace(file: "hub.yaml", line: 8, column: 11))
    let alone = try #require(Sample.load(["hub.yaml": Sample.hub + "\nadmin: localhost:26"]).configuration?.hub)
    #expect(alone.admin == ListenAddress(host: "localhost", port: 26) && alone.signIn == nil)
    let short = try #require(
      Sample.load(["hub.yaml": Sample.hub + "\nadmin: {signIn: city, operators: [a]}"]).configuration?.hub)
    #expect(short.admin == nil && short.signIn?.attemptsMax == 1000)
    #expect(short.signIn?.sessionIdle == .seconds(1800) && short.signIn?.sessionMax == .seconds(28_800))
  }

  @Test func `What is left out has its default, also without a file`() throws {
    let hub = try #require(Sample.load().configuration?.hub)
    let code = try #require(OrganisationCode("H24"))
    let without = HubSettings(name: "Test", organisation: code, dataFolder: "../Data", journalKey: hub.journal.key)
    #expect(hub == without)
    #expect(hub.gateway.bodyBytesMax == 256 << 20 && hub.journal.duplicateWindow == .seconds(35 * 86_400))
    #expect(hub.drain == .seconds(20) && hub.gateway.http == nil && hub.retry.attempts == 8)
    #expect(hub.limits.openExchangesMax == 1_000_000)
  }

  @Test func `An endpoint's values are read, and the hub's retry holds where it has none`() throws {
    let text =
      Sample.city + [
        "  headers: {X-Tenant: a}", "  successStatus: 200", "  compress: true", "  pause: 2s", "concurrency: 3",
        "timeout: 4s", "connectTimeout: 5s", "responseBytesMax: 6KiB", "onDoubt: park", "poll: {every: 7s}",
        "tls: {ca: a.pem, certificate: b.pem, key: \"file:b.key\"}",
      ]
    let configuration = try #require(
      Sample.load(["endpoints/city.yaml": text, "hub.yaml": Sample.hub + "\nretry: {attempts: 2}"]).configuration)
    let endpoint = try #require(configuration.endpoint("city"))
    #expect(endpoint.connector == "http" && endpoint.concurrency == 3 && endpoint.responseBytesMax == 6144)
    #expect([endpoint.timeout, endpoint.connectTimeout] == [.seconds(4), .seconds(5)])
    #expect(endpoint.onDoubt == .park && endpoint.poll?.every == .seconds(7) && endpoint.poll?.limit == 100)
    #expect(endpoint.tls?.ca?.path == "a.pem" && endpoint.tls?.certificate?.path == "b.pem")
    #expect(endpoint.tls?.key?.reference == "file:b.key" && endpoint.retry.attempts == 2)
    #expect(endpoint.allow == ["127.0.0.1:8091"])
    #expect(endpoint.settings.text("url") == "http://127.0.0.1:8091/{receiver}")
    #expect(endpoint.settings.map("headers") == ["X-Tenant": "a"] && endpoint.settings.list("successStatus") == ["200"])
    #expect(endpoint.settings.flag("compress") && endpoint.settings.duration("pause") == .seconds(2))
    #expect(endpoint.settings.text("mode") == "binary" && endpoint.settings.integer("retries") == 1)
    #expect(endpoint.place == SourcePlace(file: "endpoints/city.yaml", line: 1, column: 1))
    let own = Sample.load(["endpoints/city.yaml": Sample.city + "\nretry: {attempts: 5}\nallow: [\"*\"]"]).configuration
    #expect(own?.endpoint("city")?.retry.attempts == 5 && own?.endpoint("city")?.allow == ["*"])
  }

  @Test func `Waits grow by the factor, up to the longest, and end with the attempts`() {
    let retry = HubSettings.Retry(attempts: 5, first: .seconds(1), factor: 3, max: .seconds(10))
    #expect((1...5).map { retry.wait(after: $0) } == [.seconds(1), .seconds(3), .seconds(9), .seconds(10), nil])
  }

  @Test(arguments: [
    ("250ms", Duration.milliseconds(250)), ("30s", .seconds(30)), ("35d", .seconds(3_024_000)), ("0s", .zero),
  ])
  func `Durations are read and written back`(text: String, duration: Duration) {
    #expect(Measure.duration(text) == duration)
    #expect(Measure.text(duration) == text)
  }

  @Test(arguments: ["", "s", "5", "1.5s", "-1s", "5 s", "1h30m", "99999999999999999999s", "9000000d", "５s"])
  func `What is no duration is refused`(text: String) {
    #expect(Measure.duration(text) == nil)
  }

  @Test(arguments: [("512B", 512), ("32KiB", 32768), ("256MiB", 256 << 20), ("1TiB", 1 << 40)])
  func `Sizes are read and written back`(text: String, bytes: Int) {
    #expect(Measure.size(text) == bytes)
    #expect(Measure.text(bytes: bytes) == text)
  }

  @Test(arguments: ["", "B", "5", "1KB", "9999999999TiB", "-1B"])
  func `What is no size is refused`(text: String) {
    #expect(Measure.size(text) == nil)
  }
}

@Suite struct SecretTests {
  @Test func `A check reads no secret, a run reads them without the last line break`() throws {
    let folder = try TemporaryDirectory("secrets")
    let path = try folder.write("secrets/journal.key", text: "c2VjcmV0\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    #expect(Sample.load().configuration?.hub.journal.key.reveal() == nil)
    let run = Sample.load(secrets: .resolve(folder: folder.path))
    #expect(run.complaints == [])
    #expect(run.configuration?.hub.journal.key.reveal() == "c2VjcmV0")
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    #expect(
      Sample.load(secrets: .resolve(folder: folder.path)).complaints.map(\.short) == [
        "hub.yaml:5:8 warning secret-exposed"
      ])
  }

  @Test func `A run reads certificates with the configuration, and a file that changed makes another endpoint`() throws
  {
    let folder = try TemporaryDirectory("secrets")
    let key = try folder.write("secrets/journal.key", text: "c2VjcmV0\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
    func load() -> (configuration: HubConfiguration?, complaints: [Complaint]) {
      Sample.load(["endpoints/city.yaml": Sample.city + ["tls: {ca: ca.pem}"]], secrets: .resolve(folder: folder.path))
    }
    #expect(load().complaints.map(\.short) == ["endpoints/city.yaml:5:11 file-unreadable"])
    try folder.write("ca.pem", text: "one")
    let tls = load().configuration?.endpoint("city")?.tls
    #expect(tls?.ca?.bytes == Array("one".utf8))
    try folder.write("ca.pem", text: "two")
    #expect(load().configuration?.endpoint("city")?.tls != tls)
  }

  @Test func `A secret that cannot be read is named by its reference`() throws {
    let folder = try TemporaryDirectory("secrets")
    let resolution = SecretResolution.resolve(folder: folder.path)
    func found(_ reference: String) -> [String] {
      Sample.load(["hub.yaml": Sample.hub.replacing("file:secrets/journal.key", with: reference)], secrets: resolution)
        .complaints.map(\.short)
    }
    #expect(found("file:secrets/journal.key") == ["hub.yaml:5:8 secret-unreadable"])
    #expect(found("env:LGSP_TEST_NO_SUCH_VARIABLE") == ["hub.yaml:5:8 secret-unreadable"])
    #expect(found("credential:journal") == ["hub.yaml:5:8 secret-unreadable"])
    #expect(found("credential:../journal") == ["hub.yaml:5:8 secret-in-clear"])
    try folder.write("empty", text: "\n")
    #expect(found("file:empty") == ["hub.yaml:5:8 warning secret-exposed", "hub.yaml:5:8 secret-empty"].sorted())
    #expect(found("env:PATH") == [])
  }
}
