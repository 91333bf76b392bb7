public import HubKit

/// Which of the things that wait for a person are meant. Everything given must hold; nothing given means all.
public struct ControlFilter: Sendable, Hashable, Codable {
  /// Where it was to go.
  public var endpoint: String?
  /// The route that took the message.
  public var route: String?
  /// Codes of the sending and of the receiving agency.
  public var sender: String?, receiver: String?
  /// CloudEvents `type`.
  public var type: String?
  /// Why it waits, as in `http-422`.
  public var code: String?
  /// The message was received then or later, and before then.
  public var from: Timestamp?, to: Timestamp?
  /// A business key of the message, as `name=value`.
  public var key: String?

  /// Creates a filter that finds everything.
  public init() {}

  /// Reads it from the fields of a query.
  ///
  /// - Parameter field: the value of a field by its name.
  /// - Throws: ``ControlRefusal`` when a time or a key cannot be read.
  init(_ field: (String) -> String?) throws(ControlRefusal) {
    endpoint = field("endpoint")
    route = field("route")
    sender = field("sender")
    receiver = field("receiver")
    type = field("type")
    code = field("code")
    key = field("key")
    from = try Self.time(field("from"))
    to = try Self.time(field("to"))
    _ = try keyParts()
  }

  /// Its fields, for a query; those that are nil are left out.
  public var fields: [(name: String, value: String)] {
    [
      ("endpoint", endpoint), ("route", route), ("sender", sender), ("receiver", receiver), ("type", type),
      ("code", code), ("from", from?.description), ("to", to?.description), ("key", key),
    ].compactMap { name, value in value.map { (name, $0) } }
  }

  /// Name and value of the business key; nil: none is asked for.
  ///
  /// - Throws: ``ControlRefusal`` when it is not of the form `name=value`.
  public func keyParts() throws(ControlRefusal) -> (name: String, value: String)? {
    guard let key else { return nil }
    let parts = key.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw ControlRefusal(.invalid, "key: tên=giá trị / a key is given as name=value.")
    }
    return (parts[0], parts[1])
  }

  private static func time(_ text: String?) throws(ControlRefusal) -> Timestamp? {
    guard let text else { return nil }
    guard let time = Timestamp(rfc3339: text) else {
      throw ControlRefusal(.invalid, "from, to: thời điểm RFC 3339 / times are given as in RFC 3339.")
    }
    return time
  }
}

/// Redelivery in bulk, as it is ordered over the control socket.
public struct ControlRedeliveryOrder: Sendable, Hashable, Codable {
  /// What is put back.
  public var filter: ControlFilter
  /// Must be true when the filter finds everything: that is never meant by mistake.
  public var all: Bool?
  /// Most a second; nil: ``rateDefault``.
  public var rate: Double?
  /// The share, 0 to 1, of those that failed again from which on the job stops; nil: it does not.
  public var errorShareMax: Double?
  /// Most in all; nil: no limit.
  public var limit: Int?

  /// How many a second are put back when nothing is said.
  public static let rateDefault = 50.0

  /// Creates an order.
  public init(
    filter: ControlFilter, all: Bool? = nil, rate: Double? = nil, errorShareMax: Double? = nil, limit: Int? = nil
  ) {
    self.filter = filter
    self.all = all
    self.rate = rate
    self.errorShareMax = errorShareMax
    self.limit = limit
  }
}

/// A redelivery job, as the control socket tells it.
public struct ControlRedelivery: Sendable, Hashable, Codable {
  /// What a person may do to one.
  public enum Change: String, Sendable, Hashable, Codable, CaseIterable {
    /// Halts it.
    case pause
    /// Lets it go on, also when it was stopped.
    case resume
    /// Stops it.
    case stop
  }

  /// Something that it could not bring to its receiver.
  public struct Failure: Sendable, Hashable, Codable {
    /// `<exchange>.<delivery>`, or the exchange alone when the message itself was planned again.
    public var id: String
    /// `failed`: it ended badly once more. `refused`: it was not put back.
    public var end: String
    /// Why, in a sentence.
    public var reason: String?

    /// Creates a failure.
    public init(id: String, end: String, reason: String?) {
      self.id = id
      self.end = end
      self.reason = reason
    }
  }

  /// Its number.
  public var job: Int64
  /// `running`, `paused`, `stopped` or `done`.
  public var state: String
  /// Since when, who brought it there (`hub`: the hub itself), and why.
  public var stateSince: Timestamp, stateBy: String, stateReason: String
  /// What was ordered, by whom, why and when.
  public var order: ControlRedeliveryOrder, by: String, reason: String, ordered: Timestamp
  /// What the filter found when it began; nil: not counted yet.
  public var selected: Int?
  /// Put back to their places, and not put back.
  public var putBack: Int, refused: Int
  /// Of those put back: the receiver has it, it ended badly once more, it has not ended.
  public var delivered: Int, failed: Int, open: Int
  /// The first that it could not bring to their receivers; nil: they were not asked for.
  public var failures: [Failure]?

  /// Creates a job.
  public init(
    job: Int64, state: String, stateSince: Timestamp, stateBy: String, stateReason: String,
    order: ControlRedeliveryOrder, by: String, reason: String, ordered: Timestamp, selected: Int?, putBack: Int,
    refused: Int, delivered: Int, failed: Int, failures: [Failure]? = nil
  ) {
    self.job = job
    self.state = state
    self.stateSince = stateSince
    self.stateBy = stateBy
    self.stateReason = stateReason
    self.order = order
    self.by = by
    self.reason = reason
    self.ordered = ordered
    self.selected = selected
    self.putBack = putBack
    self.refused = refused
    self.delivered = delivered
    self.failed = failed
    open = putBack - delivered - failed
    self.failures = failures
  }
}
