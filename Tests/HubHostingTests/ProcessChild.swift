import Foundation
import HubConfig
import HubKit
import HubTesting
import Logging

/// A connector whose program a test wrote, alive as long as the test wants.
struct ProcessChild: Sendable {
  let parts: ConnectorParts
  let lines: LogRecorder
  let folder: String

  /// Runs a test with a child.
  ///
  /// - Parameters:
  ///   - program: Python text, or nil for the repository's own hotline.
  ///   - command: the program and its arguments, as in the manifest.
  ///   - manifest: further lines under `process:`.
  static func with<T: Sendable>(
    _ program: String?, command: String = "python3, connector.py", manifest: String = "",
    settings: [String: SettingValue] = [:], _ body: @Sendable (ProcessChild) async throws -> T
  ) async throws -> T {
    let directory = try TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let (child, resident) = try make(program, command, manifest, settings, below: directory.path)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await resident.run() }
      do {
        let result = try await body(child)
        group.cancelAll()
        try await group.waitForAll()
        return result
      } catch {
        group.cancelAll()
        throw error
      }
    }
  }

  private static func make(
    _ program: String?, _ command: String, _ manifest: String, _ settings: [String: SettingValue], below root: String
  ) throws -> (ProcessChild, any Resident) {
    let name = program == nil ? "hotline-1022" : "far"
    let folder = "\(root)/connectors/\(name)"
    if let program {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let text = """
        connector: far
        version: 1.0.0
        summary: A far system.
        settings:
          token: {kind: secret, example: "file:x", help: A token.}
        process:
          command: [\(command)]
        """
      let lines = manifest.split(separator: "\n").map { "\n  \($0)" }.joined()
      try Data((text + lines + "\n").utf8).write(to: URL(filePath: "\(folder)/manifest.yaml"))
      try Data(program.utf8).write(to: URL(filePath: "\(folder)/connector.py"))
    } else {
      try FileManager.default.createDirectory(atPath: "\(root)/connectors", withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(Hosted.repository)/Config/connectors/hotline-1022", toPath: folder)
    }
    try? FileManager.default.copyItem(
      atPath: "\(Hosted.repository)/Config/connectors/hotline-1022/lgsp_connector.py",
      toPath: "\(folder)/lgsp_connector.py")
    let kind = try Hosted.kind(try ConfigFiles(connectorFolder: folder), in: root)
    let lines = LogRecorder()
    let context = ConnectorContext(
      endpoint: "far", transport: transport(), gateway: RecordingGateway(), clock: SystemClock(),
      directory: NobodyKnown(), logger: lines.logger())
    let parts = try kind.configured(SettingValues(settings, declared: kind.descriptor.settings))(context)
    guard let resident = parts.resident else { throw TestingError("the connector has no resident part") }
    return (ProcessChild(parts: parts, lines: lines, folder: folder), resident)
  }

  /// How a delivery ended.
  func deliver(_ delivery: Delivery) async -> Result<Reply, AdapterError> {
    guard let outbound = parts.outbound else {
      return .failure(AdapterError(.reject, code: "no-outbound", reason: "The connector takes no deliveries."))
    }
    return await outcome(outbound, delivery)
  }
}

/// A connector in Python whose deliveries do what `deliver` says.
func python(_ deliver: String, more: String = "") -> String {
  """
  import json, os, signal, sys, time
  from lgsp_connector import Connector, Failure, log, serve

  class Far(Connector):
      name = "far"
      version = "1.0.0"
      def deliver(self, delivery):
  \(deliver.split(separator: "\n", omittingEmptySubsequences: false).map { "        \($0)" }.joined(separator: "\n"))
  \(more)
  serve(Far())
  """
}

/// A program that writes lines of its own in place of the protocol: `line` reads one from the hub, `say` writes one.
func rawPython(_ body: String) -> String {
  """
  import json, os, sys, time
  def line():
      return json.loads(sys.stdin.buffer.readline())
  def say(value):
      text = value if isinstance(value, str) else json.dumps(value)
      sys.stdout.write(text + "\\n")
      sys.stdout.flush()
  def greet(**changes):
      call = line()
      hello = {"protocol": 1, "connector": "far", "version": "1", "capabilities": {"deliver": True, "sources": []}}
      hello.update(changes)
      say({"jsonrpc": "2.0", "id": call["id"], "result": hello})
  def rest():
      for _ in sys.stdin.buffer:
          pass
  \(body)
  """
}
