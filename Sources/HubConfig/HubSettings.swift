public import HubKit
public import HubRouting

/// What `hub.yaml` says. Sizes are in bytes; every value that was left out has its default.
public struct HubSettings: Sendable, Hashable {
  /// The hub's name, for people.
  public var name: String
  /// The organisation that runs it.
  public var organisation: OrganisationCode
  /// Folder of the journal; a relative path starts at the configuration folder, see ``configuredPath(_:in:)``.
  public var dataFolder: String
  /// The HTTPS door.
  public var gateway: Gateway
  /// What the hub takes in before it says no.
  public var limits: Limits
  /// The durable message store.
  public var journal: Journal
  /// Limits of checks and mappings.
  public var transform: Transform
  /// How failed attempts are repeated.
  public var retry: Retry
  /// How long the hub finishes what it is doing when it is told to stop.
  public var drain: Duration
  /// Where metrics and the status page are served; nil: by the gateway.
  public var admin: ListenAddress?
  /// When indicators are sent; nil: none are.
  public var insight: Insight?
  /// Whom signatures inside documents are held against.
  public var signatures = Signatures()
  /// Who may sign in to the status page, and where; nil: nobody.
  public var signIn: SignIn?
  /// Marks of secrecy that are none.
  public var secretAllowances: [SecretAllowance] = []
}

extension HubSettings {
  /// The HTTPS door.
  public struct Gateway: Sendable, Hashable {
    /// Where plain HTTP is served; nil: not at all.
    public var http: ListenAddress?
    /// Where HTTPS is served; nil: not at all.
    public var https: HTTPS?
    /// Largest body of one message, in bytes.
    public var bodyBytesMax: Int
    /// Most bytes in the header of one request.
    public var headerBytesMax: Int
    /// Most time for one request, body included.
    public var requestTimeout: Duration
    /// How long an access token is valid.
    public var tokenLifetime: Duration
    /// Most messages in one batch.
    public var batchMax: Int
    /// Most connections open at a time.
    public var connectionsMax: Int
  }

  /// Where HTTPS is served, and as whom.
  public struct HTTPS: Sendable, Hashable {
    /// Where to listen.
    public var address: ListenAddress
    /// The certificate chain.
    public var certificate: PEMFile
    /// The private key, PEM.
    public var key: Secret
    /// Where the certificate is named.
    public var place: SourcePlace
  }

  /// What the hub takes in before it says no. Sizes are in bytes.
  public struct Limits: Sendable, Hashable {
    /// Most exchanges that have not settled, in total.
    public var openExchangesMax: Int
    /// Longest wait of a caller for an answer.
    public var questionMax: Duration
    /// How long a question waits when its caller does not say.
    public var questionWait: Duration
    /// Most parts that a message may be split into.
    public var splitMax: Int
    /// Most exchanges that have not settled, of one sender.
    public var openExchangesPerAgencyMax: Int
    /// Most bytes in bodies of exchanges that have not settled, in total.
    public var openBytesMax: Int
    /// Most bytes in bodies of exchanges that have not settled, of one sender.
    public var openBytesPerAgencyMax: Int
    /// With less free on the journal's disk, nothing more is taken in.
    public var freeDiskBytesMin: Int
    /// Most messages being looked over and written down at a time.
    public var admissionQueueMax: Int
    /// Most messages waiting for a transform thread.
    public var transformQueueMax: Int
    /// Most ids of waiting deliveries kept in memory for one endpoint.
    public var laneWindowMax: Int
    /// With more dead letters than this the hub raises an alarm.
    public var parkedMax: Int
  }

  /// The durable message store.
  public struct Journal: Sendable, Hashable {
    /// The key that encrypts bodies at rest: 32 bytes in base64.
    public var key: Secret
    /// How long the same message is recognised when it comes again.
    public var duplicateWindow: Duration
    /// How long the steps of what has ended keep their content.
    public var keepEvents: Duration
    /// How long exchanges that have ended can be found at all.
    public var keepSegments: Duration
  }

  /// Limits of checks and mappings. Sizes are in bytes.
  public struct Transform: Sendable, Hashable {
    /// Threads for formats, and as many worker processes for checks and mappings.
    public var threads: Int
    /// Most time for all checks and mappings of one message.
    public var timeMax: Duration
    /// Most memory of a process that checks and maps, in bytes beyond what it needs to start.
    public var memoryMax: Int
    /// Deepest nesting of JSON or XML.
    public var depthMax: Int
    /// Largest document that is mapped or validated.
    public var documentBytesMax: Int
    /// Largest attachment after decoding.
    public var attachmentBytesMax: Int
  }

  /// When indicators are sent.
  public struct Insight: Sendable, Hashable {
    /// How often they are sent, whether or not they have changed.
    public var every: Duration
    /// How often they are sent at most.
    public var minInterval: Duration
  }

  /// Who may sign in to the status page, and where.
  public struct SignIn: Sendable, Hashable {
    /// The endpoint at which operators sign in.
    public var endpoint: String
    /// Where its name stands in the file.
    public var place: SourcePlace
    /// Subjects (`sub`) of those who may.
    public var operators: Set<String>
    /// Address by which browsers know this server behind a proxy; nil: the one by which each call comes.
    public var publicURL: String?
    /// A session ends when it was not used for so long.
    public var sessionIdle: Duration
    /// A session ends so long after signing in.
    public var sessionMax: Duration
    /// Most persons on their way to sign in at a time.
    public var attemptsMax: Int
  }

  /// How failed attempts are repeated.
  public struct Retry: Sendable, Hashable {
    /// Most attempts, the first included.
    public var attempts: Int
    /// Wait before the second attempt.
    public var first: Duration
    /// Each further wait is so many times the one before.
    public var factor: Double
    /// Longest wait.
    public var max: Duration

    /// Creates a policy.
    public init(attempts: Int, first: Duration, factor: Double, max: Duration) {
      self.attempts = attempts
      self.first = first
      self.factor = factor
      self.max = max
    }

    /// The wait after an attempt.
    ///
    /// - Parameter attempt: the number of the attempt that failed, from 1.
    /// - Returns: nil when no attempt is left.
    public func wait(after attempt: Int) -> Duration? {
      guard attempt < attempts else { return nil }
      var wait = first
      for _ in 1..<Swift.max(attempt, 1) where wait < max { wait = wait * factor }
      return min(wait, max)
    }
  }
}

// MARK: - From checked values

extension HubSettings {
  /// Settings with every default, for tests and tools that have no `hub.yaml`.
  public init(name: String, organisation: OrganisationCode, dataFolder: String, journalKey: Secret) {
    let place = YamlNode(kind: .map([]), place: .init(file: "hub.yaml"))
    func defaults(_ shape: ObjectShape) -> CheckedObject {
      var reader = ShapeReader()
      return reader.readObject(place, as: shape) ?? CheckedObject(fields: [:], place: place.place)
    }
    self.name = name
    self.organisation = organisation
    self.dataFolder = dataFolder
    gateway = Gateway(defaults(HubDeclarations.gateway))
    limits = Limits(defaults(HubDeclarations.limits))
    func journal(_ name: String) -> Duration {
      ShapeReader.defaultText(name, in: HubDeclarations.journal).flatMap(Measure.duration) ?? .zero
    }
    self.journal = Journal(
      key: journalKey, duplicateWindow: journal("duplicateWindow"), keepEvents: journal("keepEvents"),
      keepSegments: journal("keepSegments"))
    transform = Transform(defaults(HubDeclarations.transform))
    retry = Retry(defaults(RetryDeclarations.shape))
    drain = ShapeReader.defaultText("drain", in: HubDeclarations.file).flatMap(Measure.duration) ?? .zero
  }

  init?(_ file: CheckedObject) {
    guard let hub = file.object("hub"), let organisation = hub.code("organisation"),
      let gateway = file.object("gateway"), let limits = file.object("limits"), let journal = file.object("journal"),
      let key = journal.secret("key"), let transform = file.object("transform"), let retry = file.object("retry")
    else { return nil }
    name = hub.string("name")
    self.organisation = organisation
    dataFolder = hub.string("data")
    self.gateway = Gateway(gateway)
    self.limits = Limits(limits)
    self.journal = Journal(
      key: key, duplicateWindow: journal.span("duplicateWindow"), keepEvents: journal.span("keepEvents"),
      keepSegments: journal.span("keepSegments"))
    self.transform = Transform(transform)
    self.retry = Retry(retry)
    drain = file.span("drain")
    insight = file.object("insight").map {
      Insight(every: $0.span("every"), minInterval: $0.span("minInterval"))
    }
    let admin = file.object("admin")
    self.admin = file.address("admin") ?? admin?.address("address")
    signIn = admin.flatMap(SignIn.init)
    secretAllowances = SecretAllowance.list(file.object("secrets"))
    let trust = file.object("signatures")
    signatures = Signatures(roots: trust?.texts("roots") ?? [], crls: trust?.texts("crls") ?? [])
  }
}

extension ShapeReader {
  static func defaultText(_ name: String, in shape: ObjectShape) -> String? { shape[name]?.defaultText }
}

extension HubSettings.Gateway {
  init(_ gateway: CheckedObject) {
    http = gateway.address("http")
    https = gateway.object("https").flatMap { https in
      guard let address = https.address("address"), let key = https.secret("key") else { return nil }
      return HubSettings.HTTPS(
        address: address, certificate: PEMFile(path: https.string("certificate")), key: key,
        place: https.place("certificate"))
    }
    bodyBytesMax = gateway.size("bodyBytesMax")
    headerBytesMax = gateway.size("headerBytesMax")
    requestTimeout = gateway.span("requestTimeout")
    tokenLifetime = gateway.span("tokenLifetime")
    batchMax = gateway.integer("batchMax")
    connectionsMax = gateway.integer("connectionsMax")
  }
}

extension HubSettings.Limits {
  init(_ limits: CheckedObject) {
    openExchangesMax = limits.integer("openExchangesMax")
    questionMax = limits.span("questionMax")
    questionWait = limits.span("questionWait")
    splitMax = limits.integer("splitMax")
    openExchangesPerAgencyMax = limits.integer("openExchangesPerAgencyMax")
    openBytesMax = limits.size("openBytesMax")
    openBytesPerAgencyMax = limits.size("openBytesPerAgencyMax")
    freeDiskBytesMin = limits.size("freeDiskBytesMin")
    admissionQueueMax = limits.integer("admissionQueueMax")
    transformQueueMax = limits.integer("transformQueueMax")
    laneWindowMax = limits.integer("laneWindowMax")
    parkedMax = limits.integer("parkedMax")
  }
}

extension HubSettings.Transform {
  init(_ transform: CheckedObject) {
    threads = transform.integer("threads")
    timeMax = transform.span("timeMax")
    memoryMax = transform.size("memoryMax")
    depthMax = transform.integer("depthMax")
    documentBytesMax = transform.size("documentBytesMax")
    attachmentBytesMax = transform.size("attachmentBytesMax")
  }
}

extension HubSettings.SignIn {
  init?(_ admin: CheckedObject) {
    guard let endpoint = admin.text("signIn") else { return nil }
    self.endpoint = endpoint
    place = admin.place("signIn")
    operators = Set(admin.texts("operators"))
    publicURL = admin.text("publicURL")
    sessionIdle = admin.span("sessionIdle")
    sessionMax = admin.span("sessionMax")
    attemptsMax = admin.integer("attemptsMax")
  }
}

extension HubSettings.Retry {
  init(_ retry: CheckedObject) {
    attempts = retry.integer("attempts")
    first = retry.span("first")
    factor = retry.number("factor")
    max = retry.span("max")
  }
}

extension HubSettings {
  /// Files or folders, as they are written.
  public struct Signatures: Sendable, Hashable {
    /// Of root certificates.
    public var roots: [String] = []
    /// Of lists of revoked certificates.
    public var crls: [String] = []
  }
}
