public import HubKit
internal import Synchronization

/// A transport without a network: gives scripted answers and failures, one for each request, and keeps what was sent.
/// For adapters' own tests; the contract suite uses real sockets.
public final class FaultyTransport: Transport {
  /// What happens to one request.
  public enum Step: Sendable {
    /// It is answered.
    case answer(OutboundResponse)
    /// It fails.
    case fail(AdapterError)
    /// Nothing happens until the sender's task is cancelled.
    case hang
    /// It is answered by a function of the request and its body.
    case respond(@Sendable (OutboundRequest, [UInt8]) -> OutboundResponse)
  }

  /// One request that was sent.
  public struct Sent: Sendable {
    /// As the adapter gave it; a streamed body has been read.
    public var request: OutboundRequest
    /// All bytes of its body.
    public var body: [UInt8]
  }

  private struct State {
    var steps: ArraySlice<Step>
    var sent: [Sent] = []
  }

  private let state: Mutex<State>
  private let last: Step?

  /// Creates a transport.
  ///
  /// - Parameters:
  ///   - steps: what happens to the first requests, in order.
  ///   - otherwise: what happens to all later ones; nil: they fail with the code `script-ended`.
  public init(_ steps: [Step], otherwise: Step? = nil) {
    state = Mutex(State(steps: steps[...]))
    last = otherwise
  }

  /// What was sent so far.
  public var sent: [Sent] { state.withLock { $0.sent } }

  /// Plays the next step.
  public func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    let body = try Self.bytes(of: request)
    let step = state.withLock { state in
      state.sent.append(Sent(request: request, body: body))
      return state.steps.popFirst() ?? last
    }
    switch step {
    case .answer(let response): return response
    case .fail(let error): throw error
    case .respond(let function): return function(request, body)
    case .hang:
      await Self.untilCancelled()
      throw AdapterError(.cancelled, code: "cancelled", reason: "The request was cancelled.")
    case nil:
      throw AdapterError(.reject, code: "script-ended", reason: "The test's script has no answer for this request.")
    }
  }

  private static func bytes(of request: OutboundRequest) throws(AdapterError) -> [UInt8] {
    switch request.body {
    case nil: return []
    case .bytes(let bytes)?: return bytes
    case .stream(let reader, let count)?:
      do throws(BodyError) {
        return try reader.rest(limit: count)
      } catch {
        throw AdapterError(.reject, code: "body-unreadable", reason: "The body could not be read.", cause: "\(error)")
      }
    }
  }

  private static func untilCancelled() async {
    let never = AsyncStream<Never> { _ in }
    for await _ in never {}
  }
}
