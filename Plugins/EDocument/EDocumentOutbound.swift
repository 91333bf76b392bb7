internal import EdXMLWire
public import HubKit

/// Sends a document or a status message to one receiver over the axis.
///
/// Documents get the hub's trace header on the way; every other byte stays as it came. Status messages have no trace
/// list in the standard and pass unchanged. The bytes of a delivery are the same in every attempt, which lets an axis
/// recognise a repeat; see README.md for what is known of that.
public struct EDocumentOutbound: OutboundAdapter {
  private let client: AxisClient
  private let organisation: String

  init(client: AxisClient, organisation: String) {
    self.client = client
    self.organisation = organisation
  }

  /// Makes one attempt.
  public func deliver(_ delivery: Delivery) async throws(AdapterError) -> Reply {
    guard let receiver = delivery.receiver ?? delivery.envelope.receivers.first else {
      throw AdapterError(.reject, code: "no-receiver", reason: "the delivery names no receiver: check the route")
    }
    guard let sender = delivery.envelope.sender else {
      throw AdapterError(.reject, code: "no-sender", reason: "the envelope names no sending organisation")
    }
    let type: AxisClient.MessageType = delivery.envelope.type == EdXMLMessage.statusType ? .status : .edoc
    let file = try await outgoing(delivery, stamped: type == .edoc)
    let reference = try await client.send(
      type, from: sender.text, to: [receiver.text], byteCount: file.byteCount, deadline: delivery.deadline,
      file: file.open)
    return Reply(code: "0", reference: reference)
  }

  /// Asks how many documents wait: changes nothing.
  public func probe() async throws(AdapterError) { _ = try await client.count() }

  private func outgoing(_ delivery: Delivery, stamped: Bool) async throws(AdapterError) -> OutgoingEdXML {
    let (body, bodies, organisation, time) = (delivery.body, delivery.bodies, organisation, delivery.receivedAt)
    guard stamped else { return OutgoingEdXML(body, in: bodies) }
    let result = try await OffPool.run { () throws(BodyError) -> Result<OutgoingEdXML, InvalidMessage> in
      do throws(InvalidMessage) {
        return .success(try OutgoingEdXML(stamping: body, in: bodies, organisation: organisation, time: time))
      } catch {
        return .failure(error)
      }
    }
    do throws(InvalidMessage) { return try result.get() } catch {
      throw AdapterError(
        .reject, code: "not-edxml",
        reason: "the body is no edXML document: \(error.violations.map(\.description).joined(separator: "; "))")
    }
  }
}
