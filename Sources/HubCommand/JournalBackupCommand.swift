internal import ArgumentParser
internal import Foundation
internal import HubJournal
internal import HubKit

extension JournalCommand {
  /// Copies the journal while the hub runs.
  struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Sao lưu sổ khi hub đang chạy / copy the journal while the hub runs.",
      discussion: """
        Bản sao là một thời điểm của sổ, kèm mọi tệp nội dung, đã kiểm tra nhanh; khóa không nằm trong đó. Nên chuyển \
        sang máy khác. / The copy is one moment of the journal with all its body files, looked over quickly; the key \
        is not in it. Take it to another machine.
        """)

    @Argument(help: "Thư mục mới / folder that does not exist yet.")
    var folder: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let (directory, keys) = try JournalAccess.place(location.folder)
        var lines = ProgressLines()
        let report: JournalBackup.Report
        do {
          report = try JournalBackup.take(of: directory, to: absolute(folder), keys: keys) { lines.show($0, $1, $2) }
        } catch {
          throw Failure("Không sao lưu được / no backup was made: \(error)")
        }
        if json { return try Output.json(BackupView(report, absolute(folder)), pretty: true) }
        Output.line("Đã sao lưu vào / the backup is in \(absolute(folder))")
        Output.line(
          "\(report.exchanges) giao dịch / exchanges, \(report.open) đang mở / open, \(report.bodyFiles) "
            + "tệp nội dung / body files, \(report.bytes) bytes, commit \(report.commit), \(report.takenAt)")
      }
    }
  }

  /// Makes a journal of a copy.
  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Khôi phục sổ từ bản sao lưu / make a journal of a backup.",
      discussion: """
        Chỉ vào thư mục sổ còn trống, khi hub dừng. Bắt đầu một kỷ nguyên mới và liệt kê những gì chưa chắc chắn. / \
        Only into an empty journal folder, with the hub stopped. A new epoch begins, and what is in doubt is listed.
        """)

    /// Lines for people; `--json` has all that a restore tells.
    private static let linesMax = 50

    @Argument(help: "Thư mục sao lưu / the backup's folder.")
    var folder: String
    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: ConfigLocation

    func run() async throws {
      try await reporting {
        let (directory, keys) = try JournalAccess.place(location.folder)
        let lines = SharedProgress()
        let restored: JournalBackup.Restored
        do {
          restored = try await JournalBackup.restore(absolute(folder), to: directory, keys: keys) {
            lines.show($0, $1, $2)
          }
        } catch {
          throw Failure("Không khôi phục được / nothing was restored: \(error)")
        }
        if json { return try Output.json(RestoreView(restored, directory), pretty: true) }
        show(restored, directory)
      }
    }

    private func show(_ restored: JournalBackup.Restored, _ directory: String) {
      let report = restored.report
      Output.line("Đã khôi phục vào / restored into \(directory), kỷ nguyên / epoch \(restored.epoch)")
      Output.line(
        "Biên nhận cấp từ \(report.takenAt) đến khi hub cũ dừng đã mất; bên gửi cần gửi lại. / Receipts given from "
          + "\(report.takenAt) until the old hub ended are lost; senders must hand in again.")
      Output.line(
        "\(report.open) giao dịch đang mở lúc sao lưu, có thể đã được chuyển sau đó; hub sẽ chuyển (lại) khi chạy. Hệ "
          + "thống nào không được nhận hai lần thì kiểm tra trước khi chạy. / "
          + "\(report.open) exchanges were open in the backup and may have been delivered since; the hub delivers them "
          + "(again) when it runs. Where an endpoint must not get a message twice, look there before you start it.")
      guard !restored.inDoubt.isEmpty else { return }
      Output.table(
        ["id", "nhận / received", "loại / type", "từ / from", "trạng thái / state"],
        restored.inDoubt.prefix(Self.linesMax).map {
          ["\($0.id)", "\($0.receivedAt)", $0.envelope.type, $0.principal, $0.state.rawValue]
        })
      if report.open > Self.linesMax { Output.line("… --json: \(report.open)") }
    }
  }
}

/// A path that means the same wherever it is read.
private func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path }

/// Lines on standard error about work that takes longer than two seconds.
struct ProgressLines {
  private static let every = Duration.seconds(2)
  private var next = ContinuousClock.now + every

  mutating func show(_ stage: JournalBackup.Stage, _ done: Int64, _ all: Int64) {
    guard ContinuousClock.now >= next else { return }
    next = .now + Self.every
    let name =
      switch stage {
      case .database: "cơ sở dữ liệu / database"
      case .bodies: "tệp nội dung / body files"
      case .check: "kiểm tra / check"
      }
    Output.note("\(name): \(done)/\(all) (\(all > 0 ? min(100, done * 100 / all) : 100) %)")
  }
}

/// ``ProgressLines`` for work that is awaited.
private final class SharedProgress {
  private var lines = ProgressLines()

  func show(_ stage: JournalBackup.Stage, _ done: Int64, _ all: Int64) { lines.show(stage, done, all) }
}

/// What `lgsp journal backup --json` prints.
private struct BackupView: Encodable {
  var folder, takenAt: String
  var commit, bodyFiles, bytes: Int64
  var epoch, exchanges, open: Int

  init(_ report: JournalBackup.Report, _ folder: String) {
    self.folder = folder
    takenAt = "\(report.takenAt)"
    (commit, bodyFiles, bytes) = (report.commit, report.bodyFiles, report.bytes)
    (epoch, exchanges, open) = (report.epoch, report.exchanges, report.open)
  }
}

/// What `lgsp journal restore --json` prints.
private struct RestoreView: Encodable {
  struct Doubt: Encodable {
    var id, receivedAt, type, principal, state: String
  }

  var folder, lostFrom, restoredAt: String
  var epoch, open: Int
  var inDoubt: [Doubt]

  init(_ restored: JournalBackup.Restored, _ folder: String) {
    self.folder = folder
    lostFrom = "\(restored.report.takenAt)"
    restoredAt = "\(restored.at)"
    (epoch, open) = (restored.epoch, restored.report.open)
    inDoubt = restored.inDoubt.map {
      Doubt(
        id: "\($0.id)", receivedAt: "\($0.receivedAt)", type: $0.envelope.type, principal: $0.principal,
        state: $0.state.rawValue)
    }
  }
}
