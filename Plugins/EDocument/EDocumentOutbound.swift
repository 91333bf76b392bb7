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

  // MARK: - Bytes

  private struct OutgoingFile: Sendable {
    var byteCount: Int
    var open: @Sendable () throws(BodyError) -> any BodyReader
  }

  private func outgoing(_ delivery: Delivery, stamped: Bool) async throws(AdapterError) -> OutgoingFile {
    let (body, bodies) = (delivery.body, delivery.bodies)
    guard stamped else {
      return OutgoingFile(byteCount: body.byteCount) { () throws(BodyError) in try bodies.reader(of: body) }
    }
    let (organisation, time) = (organisation, delivery.receivedAt)
    let result = try await OffPool.run { () throws(BodyError) -> Result<(Body, TraceStamp.Plan), InvalidMessage> in
      do throws(InvalidMessage) {
        return .success(try Self.stamp(body, in: bodies, organisation: organisation, time: time))
      } catch {
        return .failure(error)
      }
    }
    do throws(InvalidMessage) {
      let (body, plan) = try result.get()
      return OutgoingFile(byteCount: body.byteCount + plan.growth) { () throws(BodyError) in
        SplicedReader(try bodies.reader(of: body), plan)
      }
    } catch {
      throw AdapterError(
        .reject, code: "not-edxml",
        reason: "the body is no edXML document: \(error.violations.map(\.description).joined(separator: "; "))")
    }
  }

  /// Finds the place of the trace header. A document that is not in UTF-8 is written anew first, value for value.
  private static func stamp(
    _ body: Body, in bodies: any BodyStore, organisation: String, time: Timestamp
  ) throws(InvalidMessage) -> (Body, TraceStamp.Plan) {
    do throws(InvalidMessage) {
      return (body, try TraceStamp.scan(open(body, in: bodies), organisation: organisation, time: time))
    } catch {
      guard error.violations.contains(where: { $0.rule == "xml-encoding" }) else { throw error }
    }
    let message = try EdXMLReader.read(open(body, in: bodies), into: bodies)
    let rewritten: Body
    do throws(BodyError) {
      let writer = try bodies.writer(mediaType: "application/xml", limit: body.byteCount * 4 + 1 << 20)
      do throws(InvalidMessage) { try EdXMLWriter.write(message, from: bodies, into: writer) } catch {
        writer.discard()
        throw BodyError.io(error.violations.map(\.description).joined(separator: "; "))
      }
      rewritten = try writer.finish()
    } catch {
      throw InvalidMessage(rule: "body", "the document cannot be written anew in UTF-8: \(error)")
    }
    return (rewritten, try TraceStamp.scan(open(rewritten, in: bodies), organisation: organisation, time: time))
  }

  private static func open(_ body: Body, in bodies: any BodyStore) throws(InvalidMessage) -> any BodyReader {
    do throws(BodyError) { return try bodies.reader(of: body) } catch {
      throw InvalidMessage(rule: "body", "the document's bytes cannot be read: \(error)")
    }
  }
}
