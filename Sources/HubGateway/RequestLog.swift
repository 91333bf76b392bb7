internal import Logging

/// A log handler that does not keep the number which Hummingbird gives each request: nobody reads it, since a problem
/// has an `instance` of its own, and to keep it costs each request a table and two texts.
struct RequestLog: LogHandler {
  private static let requestKey = "hb.request.id"

  private var base: Logger

  init(_ base: Logger) {
    self.base = base
  }

  var logLevel: Logger.Level {
    get { base.logLevel }
    set { base.logLevel = newValue }
  }

  var metadata: Logger.Metadata {
    get { base.handler.metadata }
    set { base.handler.metadata = newValue }
  }

  var metadataProvider: Logger.MetadataProvider? {
    get { base.handler.metadataProvider }
    set { base.handler.metadataProvider = newValue }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { key == Self.requestKey ? "-" : base[metadataKey: key] }
    set { if key != Self.requestKey { base[metadataKey: key] = newValue } }
  }

  func log(event: LogEvent) { base.handler.log(event: event) }
}
