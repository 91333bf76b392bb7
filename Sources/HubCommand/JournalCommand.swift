internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubJournal
internal import HubKit

/// `lgsp journal`: looks after the journal.
struct JournalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal",
    abstract: "Kiểm tra, sao lưu sổ giao dịch / look after the journal.",
    subcommands: [Verify.self, Show.self, Backup.self, Restore.self], defaultSubcommand: Show.self)

  /// Follows the digest chain and opens every body.
  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Kiểm tra chuỗi băm và nội dung, chỉ ra bản ghi hỏng đầu tiên / verify the chain and all bodies.",
      discussion:
        "Chạy được khi hub đang chạy / works while the hub runs. Exit 0: whole; 1: names the first broken record.")

    @Flag(help: "In JSON / print JSON.")
    var json = false
    @OptionGroup var location: JournalLocation

    func run() async throws {
      try await reporting {
        let (directory, keys) = try location.place()
        let report: VerifyReport
        do {
          report = try JournalVerifier.verify(directory: directory, keys: keys) { done, total in
            guard done == total || done % 50_000 == 0 else { return }
            Output.note("\(done)/\(total) bản ghi / records")
          }
        } catch {
          throw Failure("\(error)")
        }
        if json { try Output.json(VerifyView(report), pretty: true) }
        if let broken = report.firstBroken {
          throw Failure("Sổ hỏng / the journal is broken: \(broken.sentence)")
        }
        if !json {
          Output.line(
            "Sổ nguyên vẹn / the journal is whole: \(report.records) bản ghi / records, \(report.bodies) bodies.")
        }
      }
    }
  }

  /// What the journal holds.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sổ đang có gì / what the journal holds.")

    @OptionGroup var location: JournalLocation

    func run() async throws {
      try await reporting {
        let journal = try location.reading()
        let statistics = try journal.statistics()
        Output.line("Thư mục / folder       \(try location.place().directory)")
        for state in ExchangeState.allCases {
          Output.line("\(state.label): \(statistics.exchanges[state] ?? 0)")
        }
        Output.line("Đang mở / open: \(statistics.open)")
        Output.line("Kỷ nguyên / epoch: \(try journal.epoch())")
        Output.line("Dung lượng / bytes: \(statistics.databaseBytes + statistics.bodyBytes)")
        Output.line("Đĩa còn trống / free disk bytes: \(statistics.freeBytes)")
        await journal.close()
      }
    }
  }
}

/// Opens the journal of a configuration beside a hub that may be running.
enum JournalAccess {
  /// Where the journal lies, and its keys.
  static func place(_ configFolder: String) throws -> (directory: String, keys: JournalKeys) {
    let files = try Site.files(in: configFolder)
    let configuration = try Site.load(files, secrets: .resolve(folder: configFolder))
    return (try HubAssembly.journalDirectory(configuration, configFolder), try HubAssembly.journalKeys(configuration))
  }

  /// The journal, for reading only.
  static func reading(_ configFolder: String) throws -> Journal {
    let (directory, keys) = try place(configFolder)
    return try reading(directory, keys)
  }

  static func reading(_ directory: String, _ keys: JournalKeys) throws -> Journal {
    do {
      return try Journal.open(JournalOptions(directory: directory, isReadOnly: true), keys: keys, clock: SystemClock())
    } catch {
      throw Failure("\(error)")
    }
  }
}

/// What `lgsp journal verify --json` prints.
private struct VerifyView: Encodable {
  var whole: Bool
  var commits, records, bodies: Int64
  var broken: String?

  init(_ report: VerifyReport) {
    whole = report.firstBroken == nil
    commits = report.commits
    records = report.records
    bodies = report.bodies
    broken = report.firstBroken?.sentence
  }
}

extension VerifyReport.Broken {
  /// Where the first broken record is, and what differs.
  fileprivate var sentence: String {
    let places = [
      sequence.map { "bản ghi / record \($0)" }, exchange.map { "giao dịch / exchange \($0)" },
      commit.map { "commit \($0)" },
    ].compactMap { $0 }
    return (places + [what]).joined(separator: ", ")
  }
}
