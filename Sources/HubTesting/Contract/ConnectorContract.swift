internal import HubKit

/// What every connector must do, whatever it speaks and whatever hosts it.
///
/// ```swift
/// @Test(arguments: ConnectorContract.Behaviour.allCases)
/// func `keeps the contract`(_ behaviour: ConnectorContract.Behaviour) async {
///   #expect(await ConnectorContract.failure(of: harness, in: behaviour) == nil)
/// }
/// ```
public enum ConnectorContract {
  /// One thing that a connector must do.
  public enum Behaviour: String, Sendable, CaseIterable, Codable {
    /// Settings are checked without network: what it needs must be there.
    case settingsAreChecked
    /// Settings of the last version still work.
    case settingsStayCompatible
    /// A delivery succeeds and the far side has exactly its bytes.
    case delivers
    /// The same delivery twice is one message for the far side.
    case repeatIsOneMessage
    /// What the far side refuses is `reject`, with a reason.
    case refusalIsRejected
    /// Nobody listens: `outage`, quickly.
    case deadPortIsOutage
    /// The far side takes the request and says nothing: not success, and no later than the deadline.
    case silenceEndsAtDeadline
    /// The task is cancelled: the attempt ends at once.
    case cancellationEndsAtOnce
    /// An answer that makes no sense is no success.
    case garbageIsNoSuccess
    /// The far side closes the connection in the middle of its answer: no success, and nothing thrown away.
    case brokenAnswerIsNoSuccess
    /// A status that nobody knows is no success, and nothing is thrown away for it.
    case unknownStatusIsNoSuccess
    /// 429 with `Retry-After`: the message waits that long.
    case rateLimitIsRespected
    /// A session that ended on the way is renewed, and the delivery arrives.
    case endedSessionIsRenewed
    /// A large body arrives whole.
    case largeBodyArrives
    /// Vietnamese text arrives byte for byte, composed or not.
    case vietnameseIsKept
    /// The trace context of the message goes on to the far side.
    case traceGoesOn
    /// Secrets appear in no error and in no log line.
    case secretsStayInside
    /// A probe of a far side that is well passes and leaves nothing behind.
    case probeLeavesNothing
    /// A probe of a dead port fails.
    case probeFindsOutage
    /// A source that was killed after half of what it found goes on exactly there.
    case sourceResumesExactly
    /// A source whose far side is away fails; it never finds "nothing new".
    case sourceFindsOutage
    /// A source whose far side talks nonsense fails; it never finds "nothing new".
    case sourceRefusesGarbage

    /// Whether messages or secrets are lost where it is missing: then it cannot be skipped.
    public var protectsData: Bool {
      switch self {
      case .delivers, .repeatIsOneMessage, .deadPortIsOutage, .silenceEndsAtDeadline, .garbageIsNoSuccess,
        .brokenAnswerIsNoSuccess, .unknownStatusIsNoSuccess, .secretsStayInside, .sourceResumesExactly,
        .sourceFindsOutage, .sourceRefusesGarbage:
        true
      case .settingsAreChecked, .settingsStayCompatible, .refusalIsRejected, .cancellationEndsAtOnce,
        .rateLimitIsRespected, .endedSessionIsRenewed, .largeBodyArrives, .vietnameseIsKept, .traceGoesOn,
        .probeLeavesNothing, .probeFindsOutage:
        false
      }
    }
  }

  /// The text that has to arrive byte for byte: composed and decomposed, with a letter beyond the basic plane
  /// (TCVN 6909).
  public static let text = "Nguyễn \u{1EA4}m, \u{0041}\u{0302}\u{0301}m, thửa 𠊛 đất số ½"

  /// What became of one behaviour.
  public enum Outcome: Sendable, Hashable {
    /// The connector shows it.
    case passed
    /// It does not: what was seen in its place.
    case failed(String)
    /// It was not looked at, for this reason.
    case skipped(String)
  }

  /// A behaviour that a connector does not show.
  public struct Failure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which.
    public var behaviour: Behaviour
    /// What was seen in its place.
    public var message: String

    /// Behaviour and observation in one line.
    public var description: String { "\(behaviour.rawValue): \(message)" }
  }

  /// Checks all behaviours.
  ///
  /// - Returns: those that the connector does not show; empty when all is well.
  public static func failures(of harness: ConnectorHarness) async -> [Failure] {
    var found: [Failure] = []
    for behaviour in Behaviour.allCases {
      if let failure = await failure(of: harness, in: behaviour) { found.append(failure) }
    }
    return found
  }

  /// Checks one behaviour.
  ///
  /// - Returns: nil when the connector shows it, or need not.
  public static func failure(of harness: ConnectorHarness, in behaviour: Behaviour) async -> Failure? {
    if case .failed(let message) = await outcome(of: harness, in: behaviour) {
      return Failure(behaviour: behaviour, message: message)
    }
    return nil
  }

  /// Checks one behaviour. A skip of one that protects data is a failure, unless the connector has no such part.
  public static func outcome(of harness: ConnectorHarness, in behaviour: Behaviour) async -> Outcome {
    if let reason = harness.skips[behaviour] {
      return behaviour.protectsData
        ? .failed("it protects data and cannot be skipped (the reason given: \(reason))") : .skipped(reason)
    }
    do {
      try await ContractRun(harness: harness).check(behaviour)
      return .passed
    } catch let observation as Observation {
      return .failed(observation.text)
    } catch let missing as NothingToCheck {
      return .skipped(missing.reason)
    } catch {
      return .failed("the harness failed: \(error)")
    }
  }
}

/// The connector has no part that could show the behaviour, or the harness cannot ask for it.
struct NothingToCheck: Error {
  let reason: String
}
