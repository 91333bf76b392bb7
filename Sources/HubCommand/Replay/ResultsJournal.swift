internal import ArgumentParser
internal import Foundation
internal import HubConfig
internal import HubJournal
internal import HubKit
internal import HubReplay

/// Which journal is read: that of a configuration, or one with the results of a replay.
struct JournalLocation: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Đọc kết quả của `lgsp replay --results` / read the results of a replay instead of the hub's journal.",
      valueName: "folder"))
  var results: String?
  @OptionGroup var location: ConfigLocation

  /// Where the journal lies, and its keys.
  ///
  /// - Throws: ``Failure`` when there is none.
  func place() throws -> (directory: String, keys: JournalKeys) {
    guard let results else { return try JournalAccess.place(location.folder) }
    guard FileManager.default.fileExists(atPath: "\(results)/journal.db") else {
      throw Failure("\(results): không có kết quả phát lại / holds no results of a replay.")
    }
    return (results, try ResultsJournal.keys(of: location.folder))
  }

  /// The journal, for reading only.
  func reading() throws -> Journal {
    let (directory, keys) = try place()
    return try JournalAccess.reading(directory, keys)
  }
}

/// The journal of a replay's results: a folder of its own, never the hub's.
struct ResultsJournal {
  private let folder: String
  private let journal: Journal
  /// Takes what comes of each exchange.
  let results: ReplayResults

  /// Makes it.
  ///
  /// - Parameters:
  ///   - folder: does not exist, or is empty.
  ///   - homes: configurations whose journals it must not be; the first one's key is used.
  ///   - files: the configuration that is tried.
  /// - Throws: ``Failure`` when something is there, or nothing can be written.
  init(_ folder: String, source: String, files: ConfigFiles, homes: [String]) async throws {
    for home in homes {
      let hubs = try HubAssembly.journalDirectory(
        try Site.load(try Site.files(in: home), secrets: .unresolved), home)
      guard !Self.overlaps(folder, hubs) else {
        throw Failure(
          "\(folder): đó là sổ của hub, phát lại không bao giờ ghi vào / that is the hub's own journal, into which no "
            + "replay ever writes.")
      }
    }
    guard ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).isEmpty, !Self.isFile(folder) else {
      throw Failure("\(folder): không rỗng / is not empty. Hãy chọn thư mục khác / choose another folder.")
    }
    self.folder = folder
    do {
      // Ids are those of the past, and may come again as they did then.
      journal = try Journal.open(
        JournalOptions(directory: folder, duplicateWindow: .zero), keys: try Self.keys(of: homes[0]),
        clock: SystemClock())
      results = try await ReplayResults(
        journal, source: source, configuration: files.digest, files: files.bundle())
    } catch let error as JournalError {
      throw Failure("\(folder): \(error)")
    }
  }

  /// Ends it.
  ///
  /// - Parameter isWhole: else nothing of it stays.
  func close(isWhole: Bool) async {
    await journal.close()
    guard isWhole else {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
      }
      return
    }
    let (written, left) = (await results.written, await results.left)
    Output.note("\(folder): \(written) giao dịch / exchanges. Xem / see: lgsp search --results \(folder)")
    guard left > 0 else { return }
    Output.note(
      "  \(left) không ghi, vì mã bản tin đã có với nội dung khác / not written: their message ids stand for something "
        + "else there already.")
  }

  static func keys(of configFolder: String) throws -> JournalKeys {
    try HubAssembly.resultsKeys(
      try Site.load(try Site.files(in: configFolder), secrets: .resolve(folder: configFolder)))
  }

  private static func isFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Whether one is the other or lies in it, whatever links lead there.
  private static func overlaps(_ folder: String, _ journal: String) -> Bool {
    let (own, hubs) = (real(folder), real(journal))
    return own == hubs || own.hasPrefix(hubs + "/")
  }

  private static func real(_ path: String) -> String {
    URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path(percentEncoded: false)
      .replacing(/\/+$/, with: "")
  }
}
