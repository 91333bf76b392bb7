import HubKit
import Testing

@testable import HubInsight

@Suite struct WaitingTests {
  @Test func `Nothing is said of nobody`() {
    let none = WaitingTimes()
    #expect(none.count == 0 && none.meanMilliseconds == nil && none.milliseconds(percent: 50) == nil)
  }

  @Test func `Percentiles are bounds of buckets, or the longest wait where that is shorter`() {
    var waiting = WaitingTimes()
    for milliseconds in 1...100 { waiting.add(.milliseconds(milliseconds)) }
    #expect(waiting.meanMilliseconds == 50)
    #expect(waiting.milliseconds(percent: 50) == 50)
    #expect(waiting.milliseconds(percent: 95) == 100)
    #expect(waiting.milliseconds(percent: 10) == 10)
    waiting.add(.seconds(200_000))
    #expect(waiting.milliseconds(percent: 100) == 200_000_000)
  }

  @Test func `A single wait is told as it was, and one that is negative as none`() {
    var waiting = WaitingTimes()
    waiting.add(.milliseconds(3))
    #expect(waiting.milliseconds(percent: 50) == 3 && waiting.milliseconds(percent: 95) == 3)
    waiting.add(.seconds(-5))
    #expect(waiting.count == 2 && waiting.meanMilliseconds == 1)
  }

  @Test func `The order does not matter`() {
    var (up, down) = (WaitingTimes(), WaitingTimes())
    for number in 0..<500 { up.add(.milliseconds(number * number)) }
    for number in (0..<500).reversed() { down.add(.milliseconds(number * number)) }
    #expect(up == down)
  }
}

@Suite struct ScheduleTests {
  private let start = Timestamp(seconds: 1_795_391_995)

  @Test func `The first push is due at once, the next after news and the least interval, or when its time has come`() {
    var schedule = PushSchedule(every: .seconds(60), minInterval: .seconds(10))
    #expect(schedule.isDue(at: start, news: 0))
    schedule.sent(at: start, news: 5)
    #expect(!schedule.isDue(at: start + .seconds(9), news: 6))
    #expect(schedule.isDue(at: start + .seconds(10), news: 6))
    #expect(!schedule.isDue(at: start + .seconds(59), news: 5))
    #expect(schedule.isDue(at: start + .seconds(60), news: 5))
  }

  @Test func `A refusal waits as long as it says, and the news is not lost`() {
    var schedule = PushSchedule(every: .seconds(60), minInterval: .seconds(10))
    schedule.sent(at: start, news: 5)
    schedule.refused(at: start + .seconds(10), retryAfter: .seconds(30))
    #expect(!schedule.isDue(at: start + .seconds(39), news: 6))
    #expect(schedule.isDue(at: start + .seconds(40), news: 6))
    schedule.refused(at: start + .seconds(40), retryAfter: nil)
    #expect(!schedule.isDue(at: start + .seconds(49), news: 6))
    #expect(schedule.isDue(at: start + .seconds(50), news: 6))
  }

  @Test func `A clock that was set back does not stop the figures`() {
    var schedule = PushSchedule(every: .seconds(60), minInterval: .seconds(10))
    schedule.sent(at: start, news: 5)
    #expect(schedule.isDue(at: start - .seconds(3600), news: 5))
  }

  @Test func `Figures are told for the beginning of a step, so that a repeat is the same`() {
    let schedule = PushSchedule(every: .seconds(60), minInterval: .seconds(10))
    #expect(schedule.instant(at: start) == Timestamp(seconds: 1_795_391_990))
    #expect(schedule.instant(at: start + .seconds(4)) == Timestamp(seconds: 1_795_391_990))
    #expect(schedule.instant(at: start + .seconds(5)) == Timestamp(seconds: 1_795_392_000))
  }
}
