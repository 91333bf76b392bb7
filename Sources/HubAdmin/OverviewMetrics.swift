import HubKit

/// What families of the hub count, in a sentence each.
enum MetricHelp {
  static let sentences = [
    "lgsp_exchanges_accepted_total": "Exchanges for which a receipt was given.",
    "lgsp_exchanges_refused_total": "Messages refused at the door, by the kind of refusal.",
    "lgsp_signature_warnings_total": "Signatures in attachments that do not hold, on routes that warn of it.",
    "lgsp_exchanges_settled_total": "Exchanges that have ended, by their end.",
    "lgsp_redelivered_total": "Deliveries that redelivery jobs put back, by endpoint.",
    "lgsp_attempts_total": "Attempts to deliver, by endpoint and result.",
    "lgsp_attempt_seconds": "How long attempts to deliver took, by endpoint.",
  ]
}

extension OverviewSnapshot {
  /// Writes what the snapshot knows and no meter does.
  func write(to text: inout PrometheusText) {
    writeProcess(to: &text)
    writeStore(to: &text)
    writeEndpoints(to: &text)
  }

  private func writeProcess(to text: inout PrometheusText) {
    text.begin("lgsp_build_info", .gauge, help: "Version and digest of the configuration in force.")
    text.sample("lgsp_build_info", [("configuration", configurationDigest), ("version", version)], 1)
    text.single(
      "lgsp_start_time_seconds", .gauge, help: "Start of the process since the Unix epoch.", Self.seconds(startedAt))
    text.single(
      "lgsp_overview_time_seconds", .gauge, help: "When the gauges below were taken, since the Unix epoch.",
      Self.seconds(takenAt))
  }

  private func writeStore(to text: inout PrometheusText) {
    text.begin("lgsp_exchanges_open", .gauge, help: "Exchanges that have not ended, by state.")
    text.sample("lgsp_exchanges_open", [("state", "received")], Double(counts.received))
    text.sample("lgsp_exchanges_open", [("state", "underway")], Double(counts.underway))
    let gauges: [(name: String, help: String, value: Int)] = [
      ("lgsp_deliveries_parked", "Exchanges of which a delivery waits for a person.", counts.parked),
      ("lgsp_journal_exchanges", "Exchanges kept in the journal.", journal.exchanges),
      ("lgsp_journal_events", "Events kept in the journal.", journal.events),
      ("lgsp_journal_bytes", "Bytes of the journal on disk, bodies included.", journal.bytes),
      ("lgsp_journal_free_bytes", "Bytes free on the journal's disk.", journal.freeBytes),
      ("lgsp_journal_free_bytes_min", "Free bytes below which nothing is accepted.", journal.freeBytesMin),
    ]
    for gauge in gauges { text.single(gauge.name, .gauge, help: gauge.help, Double(gauge.value)) }
    text.single(
      "lgsp_journal_oldest_open_age_seconds", .gauge,
      help: "Age of the oldest exchange that has not ended; 0 for none.",
      journal.oldestOpen.map { (takenAt - $0).milliseconds / 1000 } ?? 0)
  }

  private func writeEndpoints(to text: inout PrometheusText) {
    guard !endpoints.isEmpty else { return }
    text.begin("lgsp_endpoint_state", .gauge, help: "1 for the state in which an endpoint is, 0 for the others.")
    for row in endpoints {
      for state in EndpointRow.State.allCases {
        text.sample(
          "lgsp_endpoint_state", [("endpoint", row.name), ("state", state.rawValue)], row.state == state ? 1 : 0)
      }
    }
    writeEach(to: &text, "lgsp_endpoint_waiting", help: "Deliveries that wait.") { Double($0.waiting) }
    writeEach(to: &text, "lgsp_endpoint_in_flight", help: "Deliveries being made now.") { Double($0.inFlight) }
    writeEach(
      to: &text, "lgsp_endpoint_last_success_time_seconds",
      help: "When the far system last took something, since the Unix epoch; 0 for never."
    ) { $0.lastSuccess.map(Self.seconds) ?? 0 }
  }

  private func writeEach(
    to text: inout PrometheusText, _ name: String, help: String, _ value: (EndpointRow) -> Double
  ) {
    text.begin(name, .gauge, help: help)
    for row in endpoints { text.sample(name, [("endpoint", row.name)], value(row)) }
  }

  private static func seconds(_ time: Timestamp) -> Double { Double(time.microseconds) / 1_000_000 }
}
