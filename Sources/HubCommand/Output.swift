internal import ArgumentParser
internal import Foundation

/// Exit codes that scripts can rely on.
enum ExitStatus {
  static let wrong = ExitCode(1)
  static let refused = ExitCode(3)
  static let unreachable = ExitCode(4)
  static let notFound = ExitCode(5)
  static let different = ExitCode(6)
}

/// What commands print: for people by default, for machines with `--json`.
enum Output {
  /// A line on standard output.
  static func line(_ text: String = "") { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  /// A line on standard error: reasons, progress.
  static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

  /// A value as one line of JSON, keys in order.
  static func json(_ value: some Encodable, pretty: Bool = false) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    line(String(decoding: try encoder.encode(value), as: UTF8.self))
  }

  /// Rows under headings, columns as wide as their widest cell.
  static func table(_ headings: [String], _ rows: [[String]]) {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    for (index, row) in all.enumerated() {
      let cells = row.indices.map { column in
        let fill = String(repeating: " ", count: widths[column] - row[column].count)
        let isNumber = index > 0 && Double(row[column].replacing(",", with: "")) != nil
        return isNumber ? fill + row[column] : row[column] + fill
      }
      line(cells.joined(separator: "  ").trimmingTrailingSpaces)
      if index == 0 { line(widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")) }
    }
  }
}

extension String {
  var trimmingTrailingSpaces: String {
    String(reversed().drop { $0 == " " }.reversed())
  }
}

/// Something a person has to know before anything else can happen.
struct Failure: Error, CustomStringConvertible {
  var description: String
  var exitCode: ExitCode

  init(_ description: String, exitCode: ExitCode = ExitStatus.wrong) {
    self.description = description
    self.exitCode = exitCode
  }
}

extension ParsableCommand {
  /// Runs a command's body; a ``Failure`` becomes a sentence on standard error and an exit code.
  func reporting(_ body: () async throws -> Void) async throws {
    do {
      try await body()
    } catch let failure as Failure {
      Output.note(failure.description)
      throw failure.exitCode
    }
  }
}
