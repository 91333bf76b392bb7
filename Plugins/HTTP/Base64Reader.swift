internal import FoundationEssentials
internal import HubKit
internal import Synchronization

/// Reads another body as base64 (RFC 4648 section 4) between two fixed pieces, so that a large body is never whole in
/// memory.
final class Base64Reader: BodyReader {
  private struct State {
    var ready: ArraySlice<UInt8>
    /// One or two bytes that wait for the rest of their group of three.
    var rest: [UInt8] = []
    var innerEnded = false
  }

  private let inner: any BodyReader
  private let back: [UInt8]
  private let state: Mutex<State>

  init(front: [UInt8], inner: any BodyReader, back: [UInt8]) {
    self.inner = inner
    self.back = back
    state = Mutex(State(ready: front[...]))
  }

  func read(upTo count: Int) throws(BodyError) -> [UInt8] {
    let result = state.withLock { state -> Result<[UInt8], BodyError> in
      do throws(BodyError) {
        while state.ready.isEmpty && !state.innerEnded { try refill(&state) }
      } catch {
        return .failure(error)
      }
      let part = Array(state.ready.prefix(count))
      state.ready = state.ready.dropFirst(count)
      return .success(part)
    }
    return try result.get()
  }

  private func refill(_ state: inout State) throws(BodyError) {
    let bytes = try inner.read(upTo: 48 << 10)
    let all = state.rest + bytes
    if bytes.isEmpty {
      state.innerEnded = true
      state.rest = []
      state.ready = (Array(Data(all).base64EncodedData()) + back)[...]
    } else {
      let whole = all.count / 3 * 3
      state.rest = Array(all[whole...])
      state.ready = Array(Data(all[..<whole]).base64EncodedData())[...]
    }
  }
}
