internal import HubKit
internal import HubRouting

// Shadows: only what changes nothing is asked of two far systems, and only where there is an answer to compare.

extension CrossChecks {
  func checkComparisons(_ complaints: inout Complaints) {
    for loaded in routes.list {
      if let shadow = loaded.route.shadow { check(shadow, of: loaded, &complaints) }
    }
    for endpoint in endpoints.list where endpoint.nextIsShadow {
      guard !questions(to: endpoint.name).contains(where: { isRead($0) && isRead($0, at: endpoint.nextName) }) else {
        continue
      }
      let next = endpoints.list.first { $0.name == endpoint.nextName }
      complaints.error(.shadowOfNothing(endpoint.name), at: next?.place ?? endpoint.place)
    }
  }

  private func check(_ shadow: RouteShadow, of loaded: LoadedRoute, _ complaints: inout Complaints) {
    let route = loaded.route
    guard route.isForQuestions else {
      return complaints.error(.shadowWithoutQuestion(route.name), at: loaded.shadowPlace)
    }
    guard route.to.count == 1, route.split == nil, case .endpoint(let live)? = route.to.first else {
      return complaints.error(.shadowOfMany(route.name), at: loaded.shadowPlace)
    }
    guard shadow.to != live else {
      return complaints.error(.shadowOfItself(live.description), at: loaded.shadowPlace)
    }
    for address in [live, shadow.to] where isKnown(address) && !isRead(address) {
      complaints.error(.shadowOfChanges(address.description, route: route.name), at: loaded.shadowPlace)
    }
  }

  /// What cannot be found has a complaint of its own.
  private func isKnown(_ address: EndpointAddress) -> Bool {
    guard let descriptor = descriptor(of: address.endpoint) else { return false }
    return address.operation.map { name in descriptor.operations.contains { $0.name == name } } ?? true
  }

  /// - Parameter version: the endpoint that is asked in the address's place.
  private func isRead(_ address: EndpointAddress, at version: String? = nil) -> Bool {
    descriptor(of: version ?? address.endpoint)?.isRead(address.operation) ?? false
  }

  private func descriptor(of name: String) -> ConnectorDescriptor? {
    endpoints.list.first { $0.name == name }.flatMap { endpoint in
      connectors.first { $0.name == endpoint.connector }
    }
  }

  /// What an endpoint is asked, by any route.
  private func questions(to name: String) -> [EndpointAddress] {
    let isAgencys = agencies.endpoints.contains { $0.name == name }
    return routes.list.map(\.route).flatMap { route -> [EndpointAddress] in
      let asked = route.to.compactMap { target -> EndpointAddress? in
        switch target {
        case .endpoint(let address): address.endpoint == name ? address : nil
        case .recipients, .origin: isAgencys ? EndpointAddress(name) : nil
        }
      }
      return route.enrich.map(\.call).filter { $0.endpoint == name } + (route.isForQuestions ? asked : [])
    }
  }
}

extension Route {
  fileprivate var isForQuestions: Bool { match.patterns[ExtensionName.service] != nil }
}

extension EndpointConfiguration {
  fileprivate var nextName: String { EndpointVersionName.next(of: name) }
}

extension Phrase {
  static func shadowWithoutQuestion(_ route: String) -> Phrase {
    Phrase(
      "shadow-without-question",
      en:
        "The route `\(route)` answers no service, so there is nothing to compare: name one (`match: {service: …}`), or "
        + "take `shadow` out; a copy of a message is `tap`.",
      vi:
        "Luồng `\(route)` không trả lời dịch vụ nào nên không có gì để so sánh: hãy ghi dịch vụ (`match: {service: …}`"
        + ") hoặc bỏ `shadow`; gửi bản sao thì dùng `tap`.")
  }

  static func shadowOfMany(_ route: String) -> Phrase {
    Phrase(
      "shadow-of-many",
      en: "The route `\(route)` does not say whose answer is compared: with `shadow`, `to` names one endpoint.",
      vi: "Luồng `\(route)` chưa rõ so sánh câu trả lời của ai: khi có `shadow`, `to` phải là đúng một điểm kết nối.")
  }

  static func shadowOfItself(_ address: String) -> Phrase {
    Phrase(
      "shadow-of-itself",
      en: "`\(address)` is asked already: a shadow is another endpoint, or another operation.",
      vi: "`\(address)` đã được hỏi rồi: `shadow` phải là điểm kết nối khác hoặc nghiệp vụ khác.")
  }

  static func shadowOfChanges(_ address: String, route: String) -> Phrase {
    Phrase(
      "shadow-of-changes",
      en:
        "The route `\(route)` has a shadow, and `\(address)` is not known to change nothing: name an operation that "
        + "only reads; a manifest says so by `read: true` (or GET), a program's by `reads: […]`. Or take `shadow` out.",
      vi:
        "Luồng `\(route)` có `shadow`, mà `\(address)` không chắc là chỉ đọc: hãy ghi nghiệp vụ chỉ đọc; manifest ghi "
        + "`read: true` (hoặc GET), chương trình ghi `reads: […]`. Nếu không thì bỏ `shadow`.")
  }

  static func shadowOfNothing(_ endpoint: String) -> Phrase {
    Phrase(
      "shadow-of-nothing",
      en:
        "No route asks `\(endpoint)` anything that both its versions say changes nothing, so nothing would be "
        + "compared: a manifest says so by `read: true` (or GET), a program's by `reads: […]`. Or take `shadow` out.",
      vi:
        "Không luồng nào hỏi `\(endpoint)` điều mà cả hai phiên bản đều ghi là chỉ đọc, nên không có gì để so sánh: "
        + "manifest ghi `read: true` (hoặc GET), chương trình ghi `reads: […]`. Nếu không thì bỏ `shadow`.")
  }

  static func unknownRead(_ name: String, near: String?) -> Phrase {
    Phrase(
      "unknown-read", en: "`\(name)` is none of the `operations` above.",
      vi: "`\(name)` không có trong `operations` ở trên.", suggestion: near)
  }
}
