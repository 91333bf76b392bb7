public import HubKit
internal import Synchronization

/// Reads a body as base64 text without line breaks, between two pieces of text, without holding it.
public final class Base64Reader: BodyReader {
  private struct State {
    var ready: ArraySlice<UInt8>
    /// Bytes that are no whole group of three yet.
    var rest: [UInt8] = []
    var hasEnded = false
  }

  private let original: any BodyReader
  private let back: [UInt8]
  private let state: Mutex<State>

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - original: the body from its front.
  ///   - front: stands before the text.
  ///   - back: stands behind it.
  public init(_ original: any BodyReader, front: [UInt8] = [], back: [UInt8] = []) {
    self.original = original
    self.back = back
    state = Mutex(State(ready: front[...]))
  }

  /// How many bytes of text stand for so many of a body.
  public static func byteCount(of byteCount: Int) -> Int { (byteCount + 2) / 3 * 4 }

  /// The next bytes of the text.
  public func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    try state.withLock { (state) throws(BodyError) in
      while state.ready.isEmpty, !state.hasEnded {
        let part = try original.read(upTo: max(count, 3) / 4 * 3 + 3)
        let whole = state.rest + part
        if part.isEmpty {
          state.ready = (Base64Encoder.encode(whole) + back)[...]
          state.hasEnded = true
        } else {
          state.ready = Base64Encoder.encode(whole.prefix(whole.count / 3 * 3))[...]
          state.rest = Array(whole.suffix(whole.count % 3))
        }
      }
      let next = Array(state.ready.prefix(count))
      state.ready = state.ready.dropFirst(next.count)
      return next
    }
  }
}
