import HubKit
import Testing

@Suite(.timeLimit(.minutes(1))) struct SystemClockTests {
  private let clock = SystemClock()

  @Test func `The clock is past the day on which this was written and does not stand still`()
    async throws
  {
    let written = try #require(Timestamp(rfc3339: "2025-01-01T00:00:00Z"))
    let first = clock.now
    #expect(first > written)
    while clock.now == first { await Task.yield() }
  }

  @Test func `A deadline that has passed is no wait`() async throws {
    try await clock.sleep(until: clock.now)
    try await clock.sleep(until: clock.now - .seconds(3600))
    try await clock.sleep(until: Timestamp(microseconds: 0))
  }

  @Test func `After a sleep the deadline has been reached`() async throws {
    let deadline = clock.now + .milliseconds(20)
    try await clock.sleep(until: deadline)
    #expect(clock.now >= deadline)
  }

  @Test func `A sleeper who is cancelled wakes with an error`() async {
    let clock = clock
    let (started, start) = AsyncStream.makeStream(of: Void.self)
    let sleeper = Task {
      start.finish()
      try await clock.sleep(until: clock.now + .seconds(3600))
    }
    for await _ in started {}
    sleeper.cancel()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }

  @Test func `Who is cancelled already does not even get past a deadline that is over`() async {
    let clock = clock
    let sleeper = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      try await clock.sleep(until: clock.now - .seconds(1))
    }
    await #expect(throws: CancellationError.self) { try await sleeper.value }
  }
}
