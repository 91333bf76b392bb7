internal import Foundation
internal import HubBus
internal import HubConfig
internal import HubGateway
internal import HubJournal
internal import HubKit
internal import HubReplay
internal import HubRouting
internal import HubTransform
internal import HubTransport

// What stands in the configuration, in each room's own terms.

extension HubAssembly {
  static func busLimits(_ configuration: HubConfiguration) -> BusLimits {
    let limits = configuration.hub.limits
    var own = BusLimits()
    own.openMax = limits.openExchangesMax
    own.openPerAgencyMax = limits.openExchangesPerAgencyMax
    own.openBytesMax = limits.openBytesMax
    own.openBytesPerAgencyMax = limits.openBytesPerAgencyMax
    own.admissionQueueMax = limits.admissionQueueMax
    own.questionMax = limits.questionMax
    own.splitMax = limits.splitMax
    own.freeDiskBytesMin = limits.freeDiskBytesMin
    own.drain = configuration.hub.drain
    own.codec = codecLimits(configuration)
    return own
  }

  static func codecLimits(_ configuration: HubConfiguration) -> CodecLimits {
    let transform = configuration.hub.transform
    return CodecLimits(
      depthMax: transform.depthMax, documentBytesMax: transform.documentBytesMax,
      attachmentBytesMax: transform.attachmentBytesMax)
  }

  static func transformLimits(_ configuration: HubConfiguration) -> TransformLimits {
    var limits = TransformLimits()
    limits.threads = configuration.hub.transform.threads
    limits.timeMax = configuration.hub.transform.timeMax
    limits.memoryMax = configuration.hub.transform.memoryMax
    limits.outputBytesMax = configuration.hub.transform.documentBytesMax
    limits.queueMax = configuration.hub.limits.transformQueueMax
    return limits
  }

  /// The connectors' formats first: edXML is XML too.
  static func formats(_ configuration: HubConfiguration) -> FormatCatalogue {
    FormatCatalogue(
      Installation.current.connectorCodecs + [XMLCodec(), JSONCodec(), FormCodec()], limits: codecLimits(configuration))
  }

  /// - Parameter connector: the endpoint's own: what is sent to an inbox waits there.
  static func policy(
    _ endpoint: EndpointConfiguration, of connector: ConnectorDescriptor?, windowMax: Int
  ) -> EndpointPolicy {
    var policy = EndpointPolicy(
      concurrency: endpoint.concurrency, timeout: endpoint.timeout, attemptsMax: endpoint.retry.attempts,
      backoffFirst: endpoint.retry.first, backoffFactor: endpoint.retry.factor, backoffMax: endpoint.retry.max,
      onDoubt: endpoint.onDoubt == .park ? .park : .retry, windowMax: windowMax,
      inbox: connector?.isInbox == true ? try? InboxLimits(endpoint.settings) : nil)
    policy.next = endpoint.next.map {
      EndpointPolicy.Next(name: EndpointVersionName.next(of: endpoint.name), rule: $0, isShadow: endpoint.nextIsShadow)
    }
    policy.isNext = endpoint.isNext
    return policy
  }

  static func transportOptions(_ endpoint: EndpointConfiguration) -> TransportOptions {
    var options = TransportOptions(allow: endpoint.allow.compactMap(AllowedAddress.init))
    options.connectTimeout = endpoint.connectTimeout
    options.firstByteTimeout = endpoint.timeout
    options.idleTimeout = endpoint.timeout
    options.totalTimeout = endpoint.timeout
    options.responseBytesMax = endpoint.responseBytesMax
    options.trustedPEM = endpoint.tls?.ca?.bytes
    if let certificate = endpoint.tls?.certificate?.bytes, let key = endpoint.tls?.key {
      options.clientIdentity = ClientIdentity(certificatePEM: certificate, keyPEM: key)
    }
    return options
  }

  static func gatewaySettings(_ configuration: HubConfiguration) -> HubGateway.GatewaySettings {
    let gateway = configuration.hub.gateway
    var settings = HubGateway.GatewaySettings(
      plainAddress: gateway.http.map { HubGateway.ListenAddress(host: $0.host, port: $0.port) })
    if let https = gateway.https {
      settings.secureAddress = HubGateway.ListenAddress(host: https.address.host, port: https.address.port)
      settings.identity = TLSIdentity(certificateChainPEM: https.certificate.bytes ?? [], privateKeyPEM: https.key)
    }
    settings.tokenLifetime = gateway.tokenLifetime
    settings.bodyBytesMax = gateway.bodyBytesMax
    settings.headerBytesMax = gateway.headerBytesMax
    settings.bodyTimeout = gateway.requestTimeout
    settings.headTimeout = min(settings.headTimeout, gateway.requestTimeout)
    settings.batchMax = gateway.batchMax
    settings.depthMax = configuration.hub.transform.depthMax
    settings.questionWait = configuration.hub.limits.questionWait
    settings.structuredBytesMax = configuration.hub.transform.documentBytesMax
    return settings
  }

  /// Tokens are signed by a key derived from the journal's, so that there is one secret less to look after; tokens
  /// live for minutes.
  static func tokenKey(_ configuration: HubConfiguration) throws -> [UInt8] {
    KeyDerivation.key(from: try keyBytes(configuration.hub.journal.key, "journal.key"), purpose: "lgsp-hub token")
  }

  static func masking(_ configuration: HubConfiguration) throws -> Masking {
    Masking(
      secret: KeyDerivation.key(
        from: try keyBytes(configuration.hub.journal.key, "journal.key"), purpose: "lgsp-hub pseudonym"))
  }
}

// MARK: - What the daemon and the offline tools share

extension HubAssembly {
  /// How statuses find the sender of their document.
  static func origin(in journal: Journal) -> Planner.OriginLookup {
    { key, before, asking in
      var query = SearchQuery()
      query.businessKey = (key.name, key.value)
      query.to = before
      let earlier = (try? journal.search(query)) ?? []
      return earlier.last { $0.envelope.type != asking }?.envelope.sender
    }
  }

  /// The routes of a configuration that was live once.
  static func pinnedBook(_ digest: String, in journal: Journal) -> RouteBook? {
    guard let bundle = try? journal.configuration(digest), let files = try? ConfigFiles(bundle: bundle),
      let configuration = try? Site.load(files, secrets: .unresolved)
    else { return nil }
    return RouteBook(digest: digest, routes: configuration.routes)
  }

  /// Rehearsals of a configuration's routes, for `lgsp check --test`.
  static func rehearsalStage(_ configuration: HubConfiguration, files: ConfigFiles) -> RouteTestRunner.Stage {
    let pool = TransformPool(limits: transformLimits(configuration), program: .own(logger: nil))
    let directory = OpenDirectory(base: configuration.agencies)
    return { earlier in
      rehearsal(configuration, digest: files.digest, pool: pool, directory: directory) { key, _, _ in
        earlier.first { $0.key.name == key.name && $0.key.value == key.value }?.sender
      }
    }
  }

  /// A configuration's way of a message without journal and network.
  static func rehearsal(
    _ configuration: HubConfiguration, digest: String, pool: TransformPool, directory: any AgencyDirectory,
    origin: @escaping Planner.OriginLookup
  ) -> Rehearsal {
    let book = RouteBook(digest: digest, routes: configuration.routes)
    let formats = formats(configuration)
    let windowMax = configuration.hub.limits.laneWindowMax
    let policies = configuration.endpoints.map { endpoint in
      // Routes name endpoints: which version takes a message is nothing that a route decides.
      // Whoever fetches from an inbox is a far side like any other.
      var policy = policy(endpoint, of: nil, windowMax: windowMax)
      policy.next = nil
      return (endpoint.name, policy)
    }
    return Rehearsal(
      admission: Admission(
        book: book, formats: formats, directory: directory, pool: pool, secrets: SecretRules(configuration.hub)),
      planner: Planner(book: book, pool: pool, formats: formats, directory: directory, origin: origin),
      policies: Dictionary(policies, uniquingKeysWith: { $1 }))
  }
}

/// The directory of a configuration in which everyone may send: rights are not what a route test proves.
struct OpenDirectory: AgencyDirectory {
  let base: any AgencyDirectory

  var agencies: [Agency] { base.agencies }

  func agency(_ code: OrganisationCode) -> Agency? { base.agency(code) }

  func refusal(
    of principal: Principal, sending type: String, from sender: OrganisationCode?, to receivers: [OrganisationCode]
  ) -> String? { nil }

  func refusal(of principal: Principal, calling service: String) -> String? { nil }
}

extension SecretRules {
  /// What a configuration names as false alarms.
  init(_ settings: HubSettings) {
    self.init(
      allowances: settings.secretAllowances.map { allowance in
        let what: Allowance.What =
          switch allowance.subject {
          case .text(let text): .phrase(text)
          case .document(let id): .document(id)
          case .notation(let notation): .notation(notation)
          }
        return Allowance(what, why: allowance.why, until: allowance.until)
      })
  }
}
