/// The program of a connector, and what it may use.
public struct ProcessManifest: Sendable, Hashable {
  /// The program and its arguments. A name without `/` is looked up in `/usr/local/bin:/usr/bin:/bin`; the program
  /// runs in the connector's folder, so that its arguments may name files there.
  public var command: [String]
  /// Whether it takes deliveries.
  public var delivers: Bool
  /// Names of what it can be asked for regularly.
  public var sources: [String]
  /// All of its environment, besides `PATH`.
  public var environment: [String: String]
  /// Most memory, in bytes of address space.
  public var memoryMax: Int
  /// Most time on processors, as a share of one processor over ten seconds, in hundredths.
  public var processorMax: Int
  /// Most deliveries that it is handed with one call.
  public var batch: Int
  /// Most deliveries that it holds at a time.
  public var outstandingMax: Int
  /// Largest line that either side writes, in bytes.
  public var lineBytesMax: Int
  /// How long it may take to say who it is.
  public var handshake: Duration
  /// How often it is asked how it is, and how long it may take to answer.
  public var health: Duration
  /// How long it may take to end when told to.
  public var drain: Duration
}
