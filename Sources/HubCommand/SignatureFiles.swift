internal import Foundation
internal import HubSignature

/// Reads whom one trusts from files.
enum SignatureFiles {
  /// What names of files with certificates and lists end with, in a folder.
  private static let endings: Set = ["pem", "crt", "cer", "der", "crl"]

  /// - Parameters:
  ///   - roots: files of certificates, or folders of such.
  ///   - crls: files of lists of revoked certificates, or folders of such.
  /// - Throws: ``Failure`` when one cannot be read or holds nothing of the kind.
  static func trust(roots: [String], crls: [String]) throws -> SignatureTrust {
    SignatureTrust(
      roots: try files(roots, (vietnamese: "chứng thư", english: "certificate"), SignatureTrust.certificates),
      crls: try files(
        crls, (vietnamese: "danh sách thu hồi", english: "list of revoked certificates"), SignatureTrust.lists))
  }

  private static func files(
    _ paths: [String], _ what: (vietnamese: String, english: String), _ count: ([UInt8]) -> Int
  ) throws -> [[UInt8]] {
    try paths.flatMap { path -> [[UInt8]] in
      let inside = (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted()
      let names = inside?.filter { endings.contains(URL(filePath: $0).pathExtension.lowercased()) }
      let files = try (names.map { $0.map { "\(path)/\($0)" } } ?? [path]).map(bytes).filter { count($0) > 0 }
      guard !files.isEmpty else {
        throw Failure("\(path): không có \(what.vietnamese) nào / no \(what.english) there")
      }
      return files
    }
  }

  /// - Throws: ``Failure`` when there is no such file.
  static func bytes(_ path: String) throws -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure("\(path): không đọc được / cannot be read")
    }
    return Array(data)
  }
}
