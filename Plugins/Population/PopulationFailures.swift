internal import HubKit

extension PopulationConnector {
  /// The codes with which a question fails; the table of README.md gives verdicts and reasons.
  static let failures: [ConnectorDescriptor.Operation] = [
    .init(
      "bad-<attribute>", "An attribute that says why the data are asked is too long, or holds control characters."),
    .init("body", "The question's bytes cannot be read."),
    .init("deadline", "The attempt's time was over before anything was sent."),
    .init("http-<status>", "The database, or a gateway before it, answered with this status."),
    .init(
      "missing-<attribute>", "Purpose, official, unit or dossier is missing: without it the database is not asked."),
    .init("no-question", "The body is no question that the hub has."),
    .init("no-secret", "The secret that signs questions has no value here."),
    .init(
      "population-<code>",
      "The database refused with this code or kind of fault, or its answer is none."),
    .init("population-gateway", "The gateway before the database reports an error whose meaning is not published."),
    .init("question-birth-date", "birthDate is no day and no year, or one to come."),
    .init("question-characters", "The question holds characters that XML cannot carry."),
    .init("question-name", "The name has no letters, or too many."),
    .init("question-number", "Not exactly one of personalId and oldId is given."),
    .init("question-old-id", "oldId is not 9 digits."),
    .init("question-personal-id", "personalId is not 12 digits."),
    .init("question-too-large", "The question is larger than any question is."),
    .init("question-unreadable", "The question is no JSON object of texts."),
    .init("reply-not-kept", "The database answered, and the answer could not be kept."),
    .init("unknown-operation", "The route asks for an operation that the database does not have."),
  ]
}
