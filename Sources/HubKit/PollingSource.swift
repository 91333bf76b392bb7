/// A far system that must be asked. The bus owns schedule, back-off and cursor; the source only reads.
public protocol PollingSource: Sendable {
  /// Name within its endpoint, as in `received`; with the endpoint's name it names the cursor.
  var name: String { get }

  /// Fetches what is new. Called by one task at a time.
  ///
  /// - Parameters:
  ///   - cursor: where the last accepted page ended; nil the first time, or for sources that keep their own count.
  ///   - limit: most messages wanted.
  ///   - bodies: where large bodies go.
  /// - Throws: ``AdapterError``; an empty or unreadable answer is an error, never "nothing new".
  func poll(after cursor: String?, limit: Int, bodies: any BodyStore) async throws(AdapterError) -> Page

  /// Tells the far side what became of a page: called after the journal has synced it, and again after a crash.
  ///
  /// - Parameters:
  ///   - page: as ``poll(after:limit:bodies:)`` gave it.
  ///   - refusals: why items were not accepted, by position in the page; those not named were.
  func acknowledge(_ page: Page, refusals: [Int: NotAccepted]) async throws(AdapterError)
}

/// What one poll brought.
public struct Page: Sendable {
  /// One thing that the far side offered.
  public struct Item: Sendable {
    /// The far side's name for it, to acknowledge it by.
    public var reference: String
    /// The message, without a principal: the bus knows which endpoint it came through.
    public var envelope: Envelope
    /// Its bytes.
    public var body: Body

    /// Creates an item.
    public init(reference: String, envelope: Envelope, body: Body) {
      self.reference = reference
      self.envelope = envelope
      self.body = body
    }
  }

  /// In the far side's order.
  public var items: [Item]
  /// Where the source stands after this page; nil for sources that need none.
  public var cursor: String?
  /// True when more waits: the bus asks again at once.
  public var hasMore: Bool

  /// Creates a page.
  public init(items: [Item], cursor: String? = nil, hasMore: Bool = false) {
    self.items = items
    self.cursor = cursor
    self.hasMore = hasMore
  }
}
