internal import ArgumentParser
internal import Foundation
internal import HubKit

/// `lgsp connector new`: writes a connector that works, to be changed into the one that is wanted.
struct ConnectorNewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Tạo một bộ kết nối chạy được, để sửa thành cái cần / write a connector that works, to be changed.",
    discussion: """
      manifest: hệ thống đích dùng HTTP; chỉ cần YAML và jq / the far system speaks HTTP; YAML and jq are enough.
      process:  một chương trình (mẫu bằng Python) / a program of its own (the sample is in Python).
      swift:    một module biên dịch cùng lgsp / a module that is compiled into lgsp.

      Ví dụ / examples:
        lgsp connector new cemetery-register --hosting manifest
        lgsp connector test cemetery-register
        lgsp connector new CemeteryRegister --hosting swift --into .
      """)

  @Argument(help: "Tên, ví dụ cemetery-register hoặc CemeteryRegister / its name.")
  var name: String
  @Option(help: "manifest, process hoặc / or swift.", transform: Self.hosting)
  var hosting: ConnectorKind.Hosting
  @Option(
    help: ArgumentHelp(
      "Thư mục chứa; mặc định connectors/ của cấu hình, hoặc gốc mã nguồn với swift / where; by default connectors/ of "
        + "the configuration, the source tree's root for swift.", valueName: "folder"))
  var into: String?
  @OptionGroup var location: ConfigLocation

  func run() async throws {
    try await reporting {
      let plain = try Self.plainName(name)
      let folder: String
      switch hosting {
      case .manifest, .process: folder = "\(into ?? "\(location.folder)/connectors")/\(plain)"
      case .module: folder = "\(into ?? ".")/Plugins/\(Self.typeName(plain))"
      }
      guard !FileManager.default.fileExists(atPath: folder) else {
        throw Failure("\(folder) đã có rồi / is there already; choose another name.")
      }
      let scaffold = ConnectorScaffold(name: plain, typeName: Self.typeName(plain))
      for (file, text) in scaffold.files(hosting).sorted(by: { $0.key < $1.key }) {
        try write(text, to: "\(folder)/\(file)")
        Output.line("  \(folder)/\(file)")
      }
      Output.line(scaffold.next(hosting, folder: folder))
    }
  }

  private func write(_ text: String, to path: String) throws {
    do {
      try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(filePath: path))
    } catch {
      throw Failure("Không ghi được \(path) / cannot be written: \(error.localizedDescription)")
    }
  }

  private static func hosting(_ text: String) throws -> ConnectorKind.Hosting {
    guard let hosting = ConnectorKind.Hosting(rawValue: text) else {
      throw ValidationError("--hosting \(text)? manifest, process, swift.")
    }
    return hosting
  }

  /// `CemeteryRegister` becomes `cemetery-register`; anything that could leave its folder is refused.
  static func plainName(_ name: String) throws -> String {
    let plain = name.replacing(/([a-z0-9])([A-Z])/) { "\($0.output.1)-\($0.output.2)" }.lowercased()
    guard plain.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) != nil, plain.count <= 64 else {
      throw Failure(
        "\(name) không phải tên hợp lệ: chữ thường không dấu, chữ số, gạch nối / is no name: lower-case letters, "
          + "digits and hyphens, as in cemetery-register.")
    }
    return plain
  }

  /// `cemetery-register` becomes `CemeteryRegister`.
  static func typeName(_ plain: String) -> String {
    plain.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}
