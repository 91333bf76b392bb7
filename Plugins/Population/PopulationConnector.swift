public import HubKit

/// The national population database (CSDL quốc gia về dân cư, C06): is this person who he says he is, and what does the
/// database hold about him. SOAP 1.1, one question at a time, each with a purpose and an official behind it.
public struct PopulationConnector: Connector {
  /// What it is.
  public static let descriptor = ConnectorDescriptor(
    name: "population",
    summary: "The national population database (CSDL quốc gia về dân cư, C06): verifies and looks up one person.",
    certificate: "B", settings: PopulationSettings.declared,
    operations: PopulationOperation.allCases.map { .init($0.rawValue, $0.summary, isRead: true) }, failures: failures)

  private let settings: PopulationSettings

  /// Checks settings.
  public init(settings: SettingValues) throws(SettingError) {
    self.settings = try PopulationSettings(settings)
  }

  /// Makes the adapter that asks; the database brings nothing by itself.
  public func make(_ context: ConnectorContext) throws(AdapterError) -> ConnectorParts {
    ConnectorParts(
      outbound: PopulationOutbound(
        settings: settings, transport: context.transport, clock: context.clock, logger: context.logger))
  }
}

/// What the database can be asked.
enum PopulationOperation: String, Sendable, CaseIterable {
  /// Whether number, name and date of birth belong to one person. The usual operation: it reveals nothing more.
  case verify
  /// What the database holds about the person.
  case lookup

  var summary: String {
    switch self {
    case .verify: "Says whether number, name and date of birth belong to one person, and nothing else (service 003)."
    case .lookup: "Gives the chosen members of a person's record (service 037)."
    }
  }

  /// Name of the SOAP operation.
  var element: String {
    switch self {
    case .verify: "XacThucThongTinCongDan"
    case .lookup: "TraCuuThongTinCongDan"
    }
  }

  /// MaTichHop: the number of the integration service.
  var serviceNumber: String {
    switch self {
    case .verify: "003"
    case .lookup: "037"
    }
  }
}
