internal import HTTPTypes
internal import HubKit
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// Asks the connection to say `100 Continue` if the caller waits for it.
struct BodyWanted: Sendable {}

/// Asks the connection to tell when the caller has gone.
struct CallerWatch: Sendable {
  let left: @Sendable () -> Void
}

/// The whole body did not come in time.
struct RequestTimedOut: Error {}

/// The request ended before its body was complete.
struct RequestCutShort: Error {}

/// Stands in each connection (HTTP/1.1) or stream (HTTP/2), between the parser and Hummingbird, and does what only the
/// connection can do: limits the time of a request, however slowly its bytes trickle; answers what the parser refuses
/// with a problem object; says `100 Continue` when the body is wanted; and after a refused upload reads on for a while,
/// since closing at once would reset the connection before the caller has seen the answer.
///
/// Used by one event loop only.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let settings: GatewaySettings
  private var isHTTP1 = true
  private var isReading = false
  private var isLingering = false
  private var isInputClosed = false
  private var lingeredBytes = 0
  private var answersDue = 0
  private var awaitsContinue = false
  private var closesAfterAnswer = false
  private var replacesAnswer = false
  private var fault: HTTPParserError?
  private var timer: Scheduled<Void>?
  private var timerEnd = NIODeadline.distantFuture
  /// What is to happen when, unless something else happens before.
  private var due: (at: NIODeadline, act: (ChannelHandlerContext) -> Void)?
  private var watch: CallerWatch?

  /// Creates the guard of one connection or stream.
  init(settings: GatewaySettings) {
    self.settings = settings
  }

  func handlerAdded(context: ChannelHandlerContext) {
    isHTTP1 =
      (try? context.pipeline.syncOperations.handler(type: HTTP1ToHTTPServerCodec.self)) != nil
    start(settings.headTimeout, context) { $0.close(promise: nil) }
  }

  func handlerRemoved(context: ChannelHandlerContext) { stop() }

  func channelInactive(context: ChannelHandlerContext) {
    stop()
    tellWatch()
    if isReading, !isLingering { context.fireErrorCaught(RequestCutShort()) }
    context.fireChannelInactive()
  }

  // MARK: What comes in

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    if isLingering { return discard(part, context) }
    switch part {
    case .head(let head):
      isReading = true
      answersDue += 1
      awaitsContinue = head.headerFields.text(of: .expect)?.lowercased() == "100-continue"
      start(settings.bodyTimeout, context) { $0.fireErrorCaught(RequestTimedOut()) }
    case .body: break
    case .end:
      isReading = false
      awaitsContinue = false
      due = nil
    }
    context.fireChannelRead(data)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    // A request that was answered before it was read to its end gets no second answer.
    if isLingering || isReading && answersDue == 0 { return context.close(promise: nil) }
    // What the codec cannot turn into a request was parsed already, but Hummingbird answers parser errors only.
    let isOfCodec = isHTTP1 && String(describing: type(of: error)).hasPrefix("HTTP1Type")
    fault = isOfCodec ? .invalidMethod : error as? HTTPParserError
    context.fireErrorCaught(fault ?? error)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event as? ChannelEvent == .inputClosed {
      isInputClosed = true
      tellWatch()
      if isLingering { return context.close(promise: nil) }
    }
    context.fireUserInboundEventTriggered(event)
  }

  private func tellWatch() {
    watch?.left()
    watch = nil
  }

  private func discard(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    switch part {
    case .head: break
    case .body(let bytes):
      lingeredBytes += bytes.readableBytes
      if lingeredBytes > settings.bodyBytesMax { context.close(promise: nil) }
    case .end: context.close(promise: nil)
    }
  }

  // MARK: What goes out

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    if let watch = event as? CallerWatch {
      self.watch = watch
      if isInputClosed { tellWatch() }
      return promise?.succeed() ?? ()
    }
    guard event is BodyWanted else {
      return context.triggerUserOutboundEvent(event, promise: promise)
    }
    if awaitsContinue {
      awaitsContinue = false
      context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
    promise?.succeed()
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if isLingering { return promise?.fail(ChannelError.outputClosed) ?? () }
    switch unwrapOutboundIn(data) {
    case .head(let head): writeHead(head, data, context, promise)
    case .body: replacesAnswer ? promise?.succeed() : context.write(data, promise: promise)
    case .end: writeEnd(data, context, promise)
    }
  }

  private func writeHead(
    _ head: HTTPResponse, _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
  ) {
    if let fault, head.status == .badRequest, head.headerFields[.contentLength] == "0" {
      let (response, body) = answer(to: fault)
      replacesAnswer = true
      closesAfterAnswer = true
      context.write(wrapOutboundOut(.head(response)), promise: promise)
      return context.write(wrapOutboundOut(.body(body)), promise: nil)
    }
    // The rest of a request that is refused is not worth reading.
    closesAfterAnswer =
      head.headerFields.text(of: .connection) == "close" || isReading && head.status.code >= 300
    guard closesAfterAnswer || !isHTTP1 else { return context.write(data, promise: promise) }
    var head = head
    head.headerFields[.connection] = isHTTP1 ? "close" : nil  // RFC 9113 section 8.2.2
    context.write(wrapOutboundOut(.head(head)), promise: promise)
  }

  private func writeEnd(
    _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?
  ) {
    answersDue = max(0, answersDue - 1)
    watch = nil
    awaitsContinue = false
    guard closesAfterAnswer else {
      context.writeAndFlush(data, promise: promise)
      if isHTTP1, answersDue == 0, !isReading {
        start(settings.headTimeout, context) { $0.close(promise: nil) }
      }
      return
    }
    isLingering = true
    let written = promise ?? context.eventLoop.makePromise()
    let closesAtOnce = isInputClosed || isHTTP1 && !isReading && fault == nil
    if closesAtOnce {
      written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
    context.writeAndFlush(data, promise: written)
    // After a fault nothing more can be understood, but what was sent already must not reset the connection.
    start(fault == nil ? settings.lingerTimeout : .milliseconds(200), context) {
      $0.close(promise: nil)
    }
  }

  private func answer(to fault: HTTPParserError) -> (HTTPResponse, ByteBuffer) {
    let problem =
      if case .headerOverflow = fault {
        Problem(
          .headerTooLarge,
          "The header section may have at most \(settings.headerBytesMax) bytes in \(settings.headerFieldsMax) fields."
        )
      } else {
        Problem(.badRequest, "The request does not follow HTTP/1.1; the connection is closed.")
      }
    let body = ByteBuffer(bytes: problem.json(instance: "about:blank"))
    let fields: HTTPFields = [
      .contentType: "application/problem+json", .contentLength: String(body.readableBytes),
      .connection: "close",
      .cacheControl: "no-store",
    ]
    return (HTTPResponse(status: .init(code: problem.type.status), headerFields: fields), body)
  }

  // MARK: Time

  private func start(
    _ duration: Duration, _ context: ChannelHandlerContext,
    _ act: @escaping (ChannelHandlerContext) -> Void
  ) {
    due = (context.eventLoop.now + TimeAmount(duration), act)
    schedule(context)
  }

  /// Each request sets three deadlines and hardly one is ever reached: a timer that ends before the new deadline is
  /// left alone, and then goes on for the rest.
  private func schedule(_ context: ChannelHandlerContext) {
    guard let end = due?.at, end < timerEnd else { return }
    timer?.cancel()
    timerEnd = end
    timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: end) {
      self.stopTimer()
      guard let due = self.due else { return }
      if context.eventLoop.now < due.at { return self.schedule(context) }
      self.due = nil
      due.act(context)
    }
  }

  private func stopTimer() {
    timer?.cancel()
    (timer, timerEnd) = (nil, .distantFuture)
  }

  private func stop() {
    stopTimer()
    due = nil
  }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}
