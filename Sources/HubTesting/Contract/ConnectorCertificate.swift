internal import FoundationEssentials
public import HubKit

/// What the contract suite found out about one version of a connector: written beside it when nothing failed, shown by
/// `lgsp connector list`.
public struct ConnectorCertificate: Sendable, Hashable, Codable {
  /// One behaviour.
  public struct Entry: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// `passed`, `failed` or `skipped`.
    public var result: String
    /// Why it failed or was skipped.
    public var reason: String?

    /// Takes what became of a behaviour.
    public init(_ behaviour: ConnectorContract.Behaviour, _ outcome: ConnectorContract.Outcome) {
      name = behaviour.rawValue
      switch outcome {
      case .passed: result = "passed"
      case .failed(let message): (result, reason) = ("failed", message)
      case .skipped(let message): (result, reason) = ("skipped", message)
      }
    }
  }

  /// Name of the connector.
  public var connector: String
  /// Its version.
  public var version: String
  /// How it is hosted: `swift`, `manifest` or `process`.
  public var hosting: String
  /// How far it can be trusted: A, B or C.
  public var level: String
  /// When the suite ran (RFC 3339).
  public var date: String
  /// The state of its files, or of what a module declares: with another one the certificate is stale.
  public var digest: String
  /// Its settings, which the next version has to take.
  public var settings: SettingsSnapshot
  /// What became of each behaviour.
  public var behaviours: [Entry]

  /// Creates a certificate.
  ///
  /// - Parameter digest: tells this state of the connector from every other.
  public init(_ kind: ConnectorKind, digest: String, at time: Timestamp, _ behaviours: [Entry]) {
    connector = kind.descriptor.name
    version = kind.descriptor.version
    hosting = kind.hosting.rawValue
    level = kind.descriptor.certificate
    date = time.description
    self.digest = digest
    settings = SettingsSnapshot(of: kind.descriptor)
    self.behaviours = behaviours
  }

  /// Whether nothing failed, and something passed.
  public var isGood: Bool {
    behaviours.allSatisfy { $0.result != "failed" } && behaviours.contains { $0.result == "passed" }
  }

  /// As it is written: keys in order, so that two of them can be compared line by line.
  public var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return (try? encoder.encode(self)).map { Array($0) + [UInt8(ascii: "\n")] } ?? []
  }

  /// Reads what ``json`` wrote; nil for anything else.
  public init?(json bytes: [UInt8]) {
    guard let read = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
    self = read
  }
}

extension ConnectorContract.Behaviour {
  /// What it is, for people.
  public var title: (vi: String, en: String) {
    switch self {
    case .settingsAreChecked: ("thiết lập được kiểm tra không cần mạng", "settings are checked without network")
    case .settingsStayCompatible: ("thiết lập của phiên bản trước vẫn dùng được", "settings of the last version work")
    case .delivers: ("gửi được", "delivers")
    case .repeatIsOneMessage: ("gửi lặp vẫn là một bản tin", "the same delivery twice has one effect")
    case .refusalIsRejected: ("bị từ chối thì báo từ chối", "a refusal is a refusal")
    case .deadPortIsOutage: ("nơi nhận tắt là gián đoạn", "a far side that is gone is an outage")
    case .silenceEndsAtDeadline: ("nơi nhận im lặng: dừng đúng hạn", "a silent far side ends at the deadline")
    case .cancellationEndsAtOnce: ("hủy thì dừng ngay", "cancellation ends the attempt")
    case .garbageIsNoSuccess: ("trả lời vô nghĩa không phải thành công", "garbage is no success")
    case .brokenAnswerIsNoSuccess: ("trả lời đứt quãng không phải thành công", "a broken answer is no success")
    case .unknownStatusIsNoSuccess: ("mã lạ không phải thành công", "an unknown status is no success")
    case .rateLimitIsRespected: ("bị giới hạn tốc độ thì chờ", "a rate limit is respected")
    case .endedSessionIsRenewed: ("phiên hết hạn được gia hạn", "an ended session is renewed")
    case .largeBodyArrives: ("nội dung lớn đến đủ", "a large body arrives")
    case .vietnameseIsKept: ("tiếng Việt giữ nguyên từng byte", "Vietnamese text is kept byte for byte")
    case .traceGoesOn: ("dấu vết được chuyển tiếp", "the trace context goes on")
    case .secretsStayInside: ("bí mật không lộ ra", "secrets stay inside")
    case .probeLeavesNothing: ("thăm dò không để lại gì", "a probe leaves nothing")
    case .probeFindsOutage: ("thăm dò phát hiện gián đoạn", "a probe finds an outage")
    case .sourceResumesExactly: ("nguồn đọc tiếp đúng chỗ", "a source resumes exactly")
    case .sourceFindsOutage: ("nguồn phát hiện gián đoạn", "a source finds an outage")
    case .sourceRefusesGarbage: ("nguồn không nhận nội dung vô nghĩa", "a source refuses garbage")
    }
  }
}
