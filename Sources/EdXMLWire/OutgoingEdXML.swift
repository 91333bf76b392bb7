public import HubKit

/// An edXML file as it leaves the hub: the body as it came, with the hub's own trace header put in while it is read.
public struct OutgoingEdXML: Sendable {
  /// Its length.
  public let byteCount: Int
  /// Opens it from the front; each call reads the same bytes.
  public let open: @Sendable () throws(BodyError) -> any BodyReader

  /// A body that passes unchanged, as status messages do: the standard has no trace list for them.
  public init(_ body: Body, in bodies: any BodyStore) {
    byteCount = body.byteCount
    open = { () throws(BodyError) in try bodies.reader(of: body) }
  }

  /// A document with one trace header more. One that is not in UTF-8 is written anew first, value for value. Reads up
  /// to the end of the header, so it may wait for the disk.
  ///
  /// - Parameters:
  ///   - organisation: our code.
  ///   - time: when the hub received the document.
  /// - Throws: ``InvalidMessage`` when it is no edXML document.
  public init(
    stamping body: Body, in bodies: any BodyStore, organisation: String, time: Timestamp
  ) throws(InvalidMessage) {
    let (body, plan) = try Self.stamp(body, in: bodies, organisation: organisation, time: time)
    byteCount = body.byteCount + plan.growth
    open = { () throws(BodyError) in SplicedReader(try bodies.reader(of: body), plan) }
  }

  private static func stamp(
    _ body: Body, in bodies: any BodyStore, organisation: String, time: Timestamp
  ) throws(InvalidMessage) -> (Body, TraceStamp.Plan) {
    do throws(InvalidMessage) {
      return (body, try TraceStamp.scan(reader(of: body, in: bodies), organisation: organisation, time: time))
    } catch {
      guard error.violations.contains(where: { $0.rule == "xml-encoding" }) else { throw error }
    }
    let message = try EdXMLReader.read(reader(of: body, in: bodies), into: bodies)
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
    return (rewritten, try TraceStamp.scan(reader(of: rewritten, in: bodies), organisation: organisation, time: time))
  }

  private static func reader(of body: Body, in bodies: any BodyStore) throws(InvalidMessage) -> any BodyReader {
    do throws(BodyError) { return try bodies.reader(of: body) } catch {
      throw InvalidMessage(rule: "body", "the document's bytes cannot be read: \(error)")
    }
  }
}
