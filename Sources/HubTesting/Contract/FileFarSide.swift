internal import Foundation
public import HubKit

/// The far side of a connector that hands files over: a real server, of which the connector sees one folder as the
/// whole. So a manifest's `/out` is never a folder of this machine. One behaviour at a time.
public final class FileFarSide: Sendable {
  /// The server.
  public let server: FileServer
  private let folders: [String]

  /// Starts a server.
  ///
  /// - Parameter folders: those that the far system has, as the connector names them.
  /// - Throws: ``TestingError`` when it is not installed or does not start.
  public init(_ kind: FileServer.Kind, folders: [String]) throws {
    server = try FileServer(kind)
    self.folders = folders
  }

  /// Its first state: folders, and nothing in them.
  public func fresh() throws -> FarSide {
    try server.empty()
    for folder in folders {
      try FileManager.default.createDirectory(
        atPath: server.folder.path + folder, withIntermediateDirectories: true)
    }
    return FarSide(port: server.port) { [server] in server.contents() }
  }

  /// A server that lets the connector in and has none of the folders.
  public func bare() throws -> FarSide {
    try server.empty()
    try FileManager.default.removeItem(at: server.folder)
    return FarSide(port: server.port) { [server] in server.contents() }
  }

  /// Puts a file there, as somebody on the far side would.
  ///
  /// - Parameter path: as the connector names it.
  public func put(_ text: String, at path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: server.folder.path + path))
  }

  /// The way to the server for a connector: paths begin in the server's folder.
  ///
  /// - Parameter plain: trusts the server's certificate.
  public func transport(over plain: any Transport) -> any Transport {
    FolderTransport(plain: plain, folder: server.path)
  }
}

/// Puts a folder before every path.
private struct FolderTransport: Transport {
  let plain: any Transport
  let folder: String

  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    guard var file = request.file else { return try await plain.send(request) }
    file.path = folder + file.path
    if case .move(let path) = file.action { file.action = .move(to: folder + path) }
    var request = request
    request.file = file
    var response = try await plain.send(request)
    // Some servers name the folder with each of its files.
    if file.action == .list {
      response.body = Array(String(decoding: response.body, as: UTF8.self).replacing(folder + "/", with: "/").utf8)
    }
    return response
  }
}
