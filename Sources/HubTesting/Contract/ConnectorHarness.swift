internal import FoundationEssentials
public import HubKit
internal import Synchronization

/// How the contract suite gets hold of one connector, whatever hosts it.
public struct ConnectorHarness: Sendable {
  /// What the connector speaks, as far as the suite plays a far side that is not well.
  public enum Medium: Sendable {
    /// HTTP.
    case http
    /// SFTP or FTPS.
    case files

    /// Answers that make no sense.
    var nonsense: [String] {
      switch self {
      case .http:
        [
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\nConnection: close\r\n\r\n"
            + "{\"a\":1}",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "nonsense\r\n\r\n",
        ]
      case .files: ["220 ready\r\n", "SSH-2.0-nonsense\r\n", "nonsense\r\n\r\n", ""]
      }
    }

    /// Answers of a far side that does not let the hub in, or is broken.
    var refusals: [String] {
      switch self {
      case .http:
        ["401 Unauthorized", "500 Broken"].map {
          "HTTP/1.1 \($0)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        }
      case .files: ["530 Not logged in\r\n", "421 Away\r\n"]
      }
    }
  }

  /// What the connector speaks.
  public var medium = Medium.http
  /// The way of using the connector, where there is more than one: put before a failure.
  public var name = ""
  /// Makes the parts of an endpoint whose far side answers on that port of 127.0.0.1, through a real transport, by the
  /// machine's clock.
  public var makeParts: @Sendable (_ port: Int) throws -> ConnectorParts
  /// A delivery that the far side takes; other numbers give other ids and other bytes.
  public var makeDelivery: (@Sendable (_ number: Int) -> Delivery)?
  /// A delivery that the far side refuses for good.
  public var makeRefusedDelivery: (@Sendable () -> Delivery)?
  /// A delivery whose content has this text somewhere.
  public var makeTextDelivery: (@Sendable (_ text: String) -> Delivery)?
  /// A delivery of so many bytes.
  public var makeLargeDelivery: (@Sendable (_ bytes: Int) -> Delivery)?
  /// How many bytes a large body has.
  public var largeBytes = 32 << 20
  /// Makes a far side in its first state; called once for each behaviour.
  public var makeFarSide: @Sendable () throws -> FarSide
  /// Makes a far side that lets the connector in and takes nothing, for a reason that has nothing to do with the
  /// message; nil: the suite plays one that answers a status that nobody knows.
  public var makeUnableFarSide: (@Sendable () throws -> FarSide)?
  /// The bytes that a delivery should have become at the far side; nil: its body, unchanged.
  public var whatArrives: (@Sendable (Delivery) throws -> [UInt8])?
  /// Whether what the far side holds is compared byte for byte, or only counted.
  public var comparesBytes = true
  /// What a far side in its first state offers to the first source, by reference and in order: three or more; empty: it
  /// cannot be asked.
  public var offered: [String] = []
  /// Puts at a far side in its first state, on that port, what its source finds, and gives the references, in order;
  /// nil: what it offers is there from the beginning.
  public var offer: (@Sendable (_ farSide: FarSide, _ port: Int) async throws -> [String])?
  /// By what an item that a source found is compared with what was offered.
  public var itemName: @Sendable (Page.Item) -> String = { $0.reference }
  /// Whether a source takes a thing only when it was the same at an earlier look.
  public var looksTwice = false
  /// Makes a far side forget the sessions and tokens that it gave out.
  public var endSessions: (@Sendable (FarSide) async throws -> Void)?
  /// Values of secrets that stand in the settings: none may appear anywhere else.
  public var secrets: [String] = []
  /// What the connector has logged so far.
  public var logLines: @Sendable () -> [String] = { [] }
  /// The connector itself, and settings that it takes: for the behaviours about settings.
  public var kind: (connector: ConnectorKind, settings: [String: SettingValue])?
  /// The settings of the connector's last certified version; nil: it has none.
  public var snapshot: SettingsSnapshot?
  /// Behaviours that the connector need not show, each with the reason.
  public var skips: [ConnectorContract.Behaviour: String] = [:]

  /// The same, with a behaviour that need not be shown.
  public func skipping(_ behaviour: ConnectorContract.Behaviour, because reason: String) -> ConnectorHarness {
    var harness = self
    harness.skips[behaviour] = reason
    return harness
  }

  /// Creates a harness; what it does not know makes behaviours be skipped, with the reason.
  public init(
    makeParts: @escaping @Sendable (_ port: Int) throws -> ConnectorParts,
    makeFarSide: @escaping @Sendable () throws -> FarSide
  ) {
    self.makeParts = makeParts
    self.makeFarSide = makeFarSide
  }
}

/// The far side as the contract suite sees it: usually the connector's mock.
public struct FarSide: Sendable {
  /// What answers on the socket that the suite opens for it.
  public var interface: any ServedInterface
  /// The port on which it answers by itself, in place of an interface that the suite serves.
  public var port: Int?
  /// The bytes of everything that it holds, in the order in which it came; or one entry for each, where bytes are not
  /// compared.
  public var received: @Sendable () async throws -> [[UInt8]]

  /// Creates a far side.
  public init(
    interface: any ServedInterface, received: @escaping @Sendable () async throws -> [[UInt8]]
  ) {
    self.interface = interface
    self.received = received
  }

  /// Creates a far side that answers by itself on a port of 127.0.0.1.
  public init(port: Int, received: @escaping @Sendable () async throws -> [[UInt8]]) {
    interface = NothingServed()
    self.port = port
    self.received = received
  }

  /// What a mock of ours holds: `GET /_mock/received` lists it, and `/_mock/received/<key>/body` gives the bytes.
  ///
  /// - Parameter key: the member of a listed item by which its bytes are had.
  public static func bodies(of mock: any ServedInterface, by key: String) async throws -> [[UInt8]] {
    var bodies: [[UInt8]] = []
    for item in try await listed(by: mock, key) {
      let path = "/_mock/received/\(item)/body"
      bodies.append(await mock.respond(to: ServedRequest(method: "GET", path: path)).body)
    }
    return bodies
  }

  /// One member of each item that a mock of ours lists at `GET /_mock/received`.
  public static func listed(by mock: any ServedInterface, _ member: String) async throws -> [String] {
    let list = await mock.respond(to: ServedRequest(method: "GET", path: "/_mock/received"))
    return try JSONDecoder().decode([[String: ItemKey]].self, from: Data(list.body)).map { $0[member]?.text ?? "" }
  }
}

/// A number or a text by which a mock's item is found; other members are of no interest.
private struct ItemKey: Decodable {
  var text: String?

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    text = (try? container.decode(String.self)) ?? (try? container.decode(Int.self)).map { "\($0)" }
  }
}

private struct NothingServed: ServedInterface {
  func respond(to request: ServedRequest) async -> ServedResponse { ServedResponse(status: 404) }
}

/// Remembers every request on its way to a far side.
final class Eavesdropper: ServedInterface {
  private let far: any ServedInterface
  private let heard = Mutex<[ServedRequest]>([])

  init(_ far: any ServedInterface) {
    self.far = far
  }

  var requests: [ServedRequest] { heard.withLock { $0 } }

  func respond(to request: ServedRequest) async -> ServedResponse {
    heard.withLock { $0.append(request) }
    return await far.respond(to: request)
  }
}
