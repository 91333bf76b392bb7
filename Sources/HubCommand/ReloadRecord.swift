internal import Foundation
internal import HubJournal
internal import HubKit

/// `reload.json` in the data folder: which process runs the hub, and what came of its last reload. By it `lgsp reload`
/// finds the hub and its answer.
struct ReloadRecord {
  struct Content: Codable {
    var pid: Int32
    var report: ReloadReport?
  }

  let dataFolder: String

  var path: String { "\(dataFolder)/reload.json" }

  func write(_ report: ReloadReport?) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try PrivateFile.write(try encoder.encode(Content(pid: getpid(), report: report)), to: path)
  }

  func read() -> Content? {
    FileManager.default.contents(atPath: path).flatMap { try? JSONDecoder().decode(Content.self, from: $0) }
  }

  /// The process that runs the hub on this folder; nil when none does.
  func hub() -> Int32? {
    // A killed hub leaves the file behind, and its number may be another process's by now: the kernel's lock tells.
    guard let pid = read()?.pid, Journal.owner(of: "\(dataFolder)/journal") == pid else { return nil }
    return pid
  }
}
