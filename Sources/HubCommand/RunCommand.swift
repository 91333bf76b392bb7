internal import ArgumentParser
internal import HubKit
internal import Logging
internal import ServiceLifecycle
internal import UnixSignals

/// `lgsp run`: the daemon.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Chạy hub cho đến SIGTERM hoặc Ctrl-C / run the hub until SIGTERM or Ctrl-C.",
    discussion: """
      SIGTERM: nhận thêm dừng lại, việc đang làm được làm xong trong thời hạn `drain` / the door closes, attempts under
      way end within `drain`. What is not done is taken up at the next start; nothing with a receipt is lost.
      SIGHUP: nạp lại cấu hình, như `lgsp reload` / the configuration is loaded again, as by `lgsp reload`.

      Ví dụ / examples:
        lgsp run --config /etc/lgsp/Config
        lgsp run --mock all                      mọi hệ thống đích là mô phỏng / every far system is played
        lgsp run --mock population,vneid
        lgsp run --mock all --watch              nạp lại và thử lại khi tệp thay đổi / reload and test on each change
      """)

  @Option(help: "Mức nhật ký / log level: trace, debug, info, notice, warning, error.")
  var logLevel = "notice"
  @Option(
    help: ArgumentHelp(
      "Điểm kết nối được thay bằng mô phỏng ngay trong tiến trình này: all, hoặc các tên / endpoints whose far systems "
        + "this process plays: all, or names.", valueName: "all|endpoint,…"))
  var mock: String?
  @Flag(
    help: ArgumentHelp(
      "Tệp cấu hình thay đổi thì nạp lại, chạy lại phép thử của tuyến và hợp đồng của bộ kết nối / after a change of "
        + "the files load them, run the routes' tests and the changed connectors' contracts."))
  var watch = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      var logger = Logger(label: "lgsp")
      guard let level = Logger.Level(rawValue: logLevel) else { throw Failure("--log-level \(logLevel)?") }
      logger.logLevel = level
      // Before anything else: until then a SIGHUP would end the process.
      let hangups = await Hangups(trapping: .sighup)
      let hub = try await HubAssembly.assemble(
        configFolder: location.folder, mocks: mock, hangups: hangups, watches: watch, logger: logger)
      let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
          services: hub.services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
          gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
      do {
        try await group.run()
      } catch {
        await hub.close()
        throw Failure("\(error)")
      }
      await hub.close()
    }
  }
}
