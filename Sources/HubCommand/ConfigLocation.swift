internal import ArgumentParser
internal import Foundation

/// Where the configuration lies: given, or found.
struct ConfigLocation: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Thư mục cấu hình / configuration folder. Default: $LGSP_CONFIG, else the demo's, else ./Config.",
      valueName: "folder"))
  var config: String?

  /// The folder: the option, `$LGSP_CONFIG`, a prepared demo under the working directory, `./Config`.
  var folder: String {
    if let config { return config }
    if let set = ProcessInfo.processInfo.environment["LGSP_CONFIG"], !set.isEmpty { return set }
    let demo = DemoHome().configFolder
    return FileManager.default.fileExists(atPath: "\(demo)/hub.yaml") ? demo : "Config"
  }
}

/// The demo's own folder: a copy of `Config/` with credentials, secrets and keys made on this machine. Nothing of it is
/// ever committed.
struct DemoHome {
  var folder = "Data/demo"

  init(folder: String = "Data/demo") {
    self.folder = folder
  }

  /// The demo that a configuration folder belongs to; nil when it is no demo's.
  init?(of configFolder: String) {
    self.init(folder: URL(filePath: configFolder).standardizedFileURL.deletingLastPathComponent().path)
    guard FileManager.default.fileExists(atPath: credentialsFile) else { return nil }
  }

  var configFolder: String { "\(folder)/Config" }
  /// Client ids and secrets of the sample city's agencies, by organisation code.
  var credentialsFile: String { "\(folder)/credentials.json" }
}
