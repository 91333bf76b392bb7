import HubKit
import HubTesting
import Synchronization
import Testing

/// The test kit is shipped, so it is tested like everything else that is.
@Suite(.timeLimit(.minutes(1))) struct `The test kit` {
  @Test func `has a clock on which sleepers wake in order, and only when their time has come`() async throws {
    let clock = TestClock()
    let start = clock.now
    let woken = Woken()
    let sleepers = [3, 1, 2].map { seconds in
      Task {
        try await clock.sleep(until: start + .seconds(seconds))
        woken.list.withLock { $0.append(seconds) }
      }
    }
    await clock.waitForSleepers(3)
    clock.advance(by: .milliseconds(999))
    #expect(clock.sleeperCount == 3)
    #expect(clock.nextDeadline == start + .seconds(1))
    for (index, left) in [(1, 2), (2, 1), (0, 0)] {
      clock.advance(by: .seconds(1))
      try await sleepers[index].value
      #expect(clock.sleeperCount == left)
    }
    #expect(woken.list.withLock { $0 } == [1, 2, 3])
  }

  @Test func `has a clock whose sleepers can be cancelled, before and during their sleep`() async throws {
    let clock = TestClock()
    let sleeper = Task { try await clock.sleep(until: clock.now + .seconds(1)) }
    await clock.waitForSleepers(1)
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    #expect(clock.sleeperCount == 0)
    try await clock.sleep(until: clock.now - .seconds(1))
  }

  @Test func `compares with golden files and says where they differ`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("golden.txt", text: "một\nhai\nba\n")
    #expect(GoldenFile.difference("một\nhai\nba\n", from: path) == nil)
    #expect(
      GoldenFile.difference("một\nhai!\nba\n", from: path)?.contains("line 2: expected 'hai', got 'hai!'") == true)
    #expect(GoldenFile.difference("một\nhai\nba", from: path)?.contains("line 4") == true)
    #expect(GoldenFile.difference("x", from: directory.file("none"))?.contains("UPDATE_GOLDEN") == true)
  }
}

/// Who woke, in order.
private final class Woken: Sendable {
  let list = Mutex<[Int]>([])
}
