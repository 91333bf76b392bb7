internal import CCurl
internal import Glibc
public import HubKit

/// libcurl's multi interface on a thread of its own: carries the requests of all endpoints and keeps their
/// connections for reuse. A process needs one.
///
/// Time limits are kept by the machine's monotonic clock, not by a ``HubClock``: the far side does not live in virtual
/// time. Tests that want virtual time hand connectors another `Transport`.
public final class CurlLoop: Sendable {
  private let inbox: LoopInbox

  /// Idle connections kept open, all endpoints together.
  private static let idleConnectionsMax = 512

  /// Once in a process; later calls cost nothing.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Starts the thread. It ends with ``shutdown()``, or when the loop and all its transports are gone.
  public init() {
    guard Self.isReady, let multi = curl_multi_init() else {
      preconditionFailure("libcurl could not be started: the process is out of memory")
    }
    ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, Self.idleConnectionsMax)
    ccurl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, 1000)
    inbox = LoopInbox(multi: multi)
    Self.startThread(LoopThread(multi: multi, inbox: inbox))
  }

  deinit {
    inbox.post(.stop)
  }

  private static func startThread(_ loop: sending LoopThread) {
    let box = Unmanaged.passRetained(loop).toOpaque()
    var thread = pthread_t()
    let result = pthread_create(&thread, nil, runLoop, box)
    guard result == 0 else { preconditionFailure("no thread could be started for libcurl: error \(result)") }
    pthread_detach(thread)
  }

  /// The way out for one endpoint.
  ///
  /// - Parameters:
  ///   - endpoint: its name in the configuration, for the recorder.
  ///   - options: what it may do.
  ///   - recorder: gets every exchange, without credentials; nil: nobody.
  public func transport(
    for endpoint: String, _ options: TransportOptions, recorder: (any ExchangeRecorder)? = nil
  ) -> any Transport {
    CurlTransport(loop: self, endpoint: Endpoint(name: endpoint, options: options), recorder: recorder)
  }

  /// Lets go of what is kept ready for an endpoint that sends nothing more, with the credentials of its last requests.
  /// Requests under way end as they would have; idle connections stay until the far side closes them or the cache is
  /// full.
  ///
  /// - Parameter transport: made by this loop; any other is left alone.
  public func letGo(of transport: any Transport) {
    guard let transport = transport as? CurlTransport else { return }
    inbox.post(.forget(transport.endpoint))
  }

  /// Ends everything under way as cancelled, closes all connections and returns once the thread is gone. Later
  /// requests are cancelled at once. May be called more than once.
  public func shutdown() async {
    await inbox.stop()
  }

  /// Carries one request and returns how it ended; cancelling the task ends it at once.
  func carry(_ prepared: PreparedRequest, of endpoint: Endpoint) async -> TransferResult {
    let id = inbox.makeID()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { answer in
        let submission = Submission(id: id, endpoint: endpoint, prepared: prepared, answer: answer)
        guard inbox.post(.submit(submission)) else {
          return answer.resume(
            returning: .failure(Verdicts.cancelled(place: prepared.place, progress: .unsent)))
        }
        // The handler below may have run before there was anything to cancel.
        if Task.isCancelled { inbox.post(.cancel(id)) }
      }
    } onCancel: {
      inbox.post(.cancel(id))
    }
  }
}

/// The thread's body.
private func runLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  ccurl_name_thread("lgsp-transport")
  // OpenSSL writes to sockets that the far side may have closed; the signal would end the process.
  var signals = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  if let context { Unmanaged<LoopThread>.fromOpaque(context).takeRetainedValue().run() }
  return nil
}

/// One endpoint's way out.
struct CurlTransport: Transport {
  let loop: CurlLoop
  let endpoint: Endpoint
  let recorder: (any ExchangeRecorder)?
  private let check: RequestCheck

  init(loop: CurlLoop, endpoint: Endpoint, recorder: (any ExchangeRecorder)?) {
    self.loop = loop
    self.endpoint = endpoint
    self.recorder = recorder
    check = RequestCheck(options: endpoint.options)
  }

  func send(_ request: OutboundRequest) async throws(AdapterError) -> OutboundResponse {
    let result = await attempt(request)
    recorder?.record(
      endpoint: endpoint.name, request: Redaction.redacted(request), result: result.map(Redaction.redacted))
    return try result.get()
  }

  private func attempt(_ request: OutboundRequest) async -> TransferResult {
    do throws(AdapterError) {
      return await loop.carry(try check.prepare(request), of: endpoint)
    } catch {
      return .failure(error)
    }
  }
}
