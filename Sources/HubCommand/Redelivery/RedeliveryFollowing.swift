internal import ArgumentParser
internal import Foundation
internal import HubAdmin
internal import UnixSignals

/// Shows on standard error how a job goes on, until it is over. The job is the hub's: whoever only looks may leave.
struct RedeliveryFollowing {
  let client: ControlClient
  let job: Int64

  /// - Returns: the job, once it does not run any more.
  /// - Throws: ``Failure`` when the hub is gone, and a Ctrl-C's exit code when the person leaves.
  func follow() async throws -> ControlRedelivery {
    let end = try await withThrowingTaskGroup(of: ControlRedelivery?.self) { group in
      group.addTask { try await watch() }
      group.addTask {
        for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { return nil }
        // It was cancelled, since the other one is done.
        try await Task.sleep(for: .seconds(3600))
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
    if let end { return end }
    Output.note(
      """

      Đợt \(job) vẫn chạy trong hub / job \(job) goes on in the hub.
        tạm ngừng / pause:  lgsp redeliver pause \(job) --reason "…"
        xem / look:         lgsp redeliver jobs \(job)
      """)
    throw ExitCode(130)
  }

  private func watch() async throws -> ControlRedelivery {
    let isTerminal = isatty(STDERR_FILENO) == 1
    var last = ""
    while true {
      let job = try await look()
      let text = RedeliveryText.progress(job)
      if text != last {
        last = text
        if isTerminal { write("\r\u{1B}[K\(text)") } else { Output.note(text) }
      }
      guard job.state == "running" else {
        if isTerminal { write("\n") }
        return job
      }
      try await Task.sleep(for: isTerminal ? .milliseconds(250) : .seconds(1))
    }
  }

  private func look() async throws -> ControlRedelivery {
    do {
      return try await client.redelivery(job)
    } catch let failure as Failure where failure.exitCode == ExitStatus.unreachable {
      throw Failure(
        "\(failure.description)\nĐợt \(job) đi tiếp khi hub chạy lại / job \(job) goes on when the hub runs again: "
          + "lgsp redeliver jobs \(job)", exitCode: failure.exitCode)
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
