internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubKit

/// `lgsp reload`: has the running hub load its configuration again.
struct ReloadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload",
    abstract: "Hub đang chạy nạp lại cấu hình / have the running hub load its configuration again.",
    discussion: """
      Đổi toàn bộ hoặc không đổi gì: nếu có lỗi, hub chạy tiếp cấu hình cũ / all of it comes into force, or with any
      error nothing: the hub goes on as before. Messages received earlier keep to the routes of their receipt; nothing
      is lost or sent twice. The same as: kill -HUP <pid>.

      Mã thoát / exit codes: 0 đã đổi hoặc không có gì mới / swapped or nothing new, 3 bị từ chối / refused, 4 hub
      không chạy / no hub runs.
      """)

  @Flag(help: "Kết quả dạng JSON / the result as JSON.") var json = false
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let report = try await order()
      if json { try Output.json(report, pretty: true) } else { show(report) }
      guard report.outcome != .refused else { throw ExitStatus.refused }
    }
  }

  /// Sends the signal and waits for what the hub makes of it.
  private func order() async throws -> ReloadReport {
    let record = ReloadRecord(dataFolder: configuredPath(try dataFolder(), in: location.folder))
    let clock = SystemClock()
    // As the record writes times: files that were changed before now are those that such a round reads.
    let sentAt = Timestamp(rfc3339: clock.now.description) ?? clock.now
    guard let pid = record.hub(), kill(pid, SIGHUP) == 0 else {
      throw Failure(
        "Không có hub nào đang chạy trên \(record.dataFolder), hoặc không có quyền / no hub runs on that folder, or it "
          + "is another user's.", exitCode: ExitStatus.unreachable)
    }
    let end = sentAt + Self.patience
    while clock.now < end {
      if let report = record.read()?.report, report.startedAt >= sentAt { return report }
      guard record.hub() == pid else {
        throw Failure("Hub đã dừng / the hub has stopped.", exitCode: ExitStatus.unreachable)
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Failure("Hub không trả lời trong một phút; xem nhật ký / no answer within a minute: see the hub's log.")
  }

  private static let patience = Duration.seconds(60)

  /// From hub.yaml alone: whatever else is wrong is for the hub to say.
  private func dataFolder() throws -> String {
    let path = "\(location.folder)/hub.yaml"
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure("Không đọc được \(path) / cannot be read: the hub was not asked and goes on as before.")
    }
    let files = ConfigFiles(["hub.yaml": Array(data)])
    guard let folder = files.dataFolder else {
      throw Failure(
        "\(path) không phải YAML, hub chạy tiếp cấu hình cũ / is no YAML, the hub goes on as before: see lgsp check.",
        exitCode: ExitStatus.refused)
    }
    return folder
  }

  private func show(_ report: ReloadReport) {
    for complaint in report.complaints { Output.line(complaint.description) }
    switch report.outcome {
    case .swapped:
      Output.line("Đã đổi cấu hình / configuration swapped: \(report.before.prefix(12)) → \(report.after.prefix(12))")
      Output.line("  luồng / routes: \(report.routes.words)")
      Output.line("  điểm kết nối / endpoints: \(report.endpoints.words)")
      if report.certificate { Output.line("  cổng dùng chứng thư mới / the door shows a new certificate") }
    case .unchanged:
      Output.line("Không có gì mới / nothing new: \(report.after.prefix(12))")
    case .refused:
      Output.line(
        "Từ chối, \(report.errorCount) lỗi: hub chạy tiếp cấu hình cũ / refused, the hub goes on as before: "
          + report.after.prefix(12))
    }
  }
}
