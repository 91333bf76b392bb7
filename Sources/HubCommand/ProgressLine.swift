internal import Foundation
internal import HubKit

/// How far a long piece of work is, on standard error: a bar that moves on a terminal, a line every ten seconds
/// elsewhere. What is done within two seconds says nothing.
struct ProgressLine {
  private let what: String
  private var total: Int?
  private let isTerminal = isatty(2) == 1
  private let clock = SystemClock()
  private let start: Duration
  private var last: Duration
  private var done = 0
  private var hasShown = false

  /// Begins.
  ///
  /// - Parameters:
  ///   - what: the work, in a word.
  ///   - total: how many steps it has; nil: nobody knows.
  init(_ what: String, of total: Int?) {
    self.what = what
    self.total = total
    start = clock.elapsed
    last = start
  }

  /// One step is done.
  mutating func advance() { advance(to: done + 1) }

  /// So many steps are done, of so many as it turns out.
  mutating func advance(to count: Int, of total: Int) {
    self.total = total
    advance(to: count)
  }

  /// So many steps are done.
  mutating func advance(to count: Int) {
    done = count
    let now = clock.elapsed
    let pause: Duration = isTerminal ? .milliseconds(200) : .seconds(10)
    guard now - start >= .seconds(2), now - last >= pause || !hasShown else { return }
    last = now
    hasShown = true
    show(now)
  }

  /// The work is over.
  func end() {
    guard hasShown else { return }
    show(clock.elapsed)
    if isTerminal { Output.note("") }
  }

  private func show(_ now: Duration) {
    let seconds = Double((now - start).wholeMicroseconds) / 1_000_000
    let rate = Int(Double(done) / max(seconds, 0.001))
    let width = 24
    let bar = total.map { total -> String in
      let filled = total == 0 ? width : min(width, done * width / total)
      return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
    }
    let text = "\(what) \(bar ?? "")\(done)\(total.map { "/\($0)" } ?? ""), \(rate)/s, \(Int(seconds)) s"
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K\(text)".utf8)) } else { Output.note(text) }
  }
}
