internal import HubKit
internal import HubRouting

extension RouteBuilder {
  mutating func tests() -> [RouteTest] {
    var list: [RouteTest] = []
    for test in route.objects("tests") {
      guard let input = test.object("input"), let expect = test.object("expect"), let body = content(input["body"])
      else { continue }
      let attributes = input.entries("attributes").compactMap { entry in entry.value.text.map { (entry.key, $0) } }
      list.append(
        RouteTest(
          name: test.string("name"), attributes: Dictionary(attributes, uniquingKeysWith: { first, _ in first }),
          body: body, earlier: earlier(test), replies: replies(test), expect: expectation(expect), place: test.place))
    }
    return list
  }

  private func earlier(_ test: CheckedObject) -> [EarlierExchange] {
    test.objects("earlier").compactMap { earlier in
      earlier.code("sender").map { sender in
        EarlierExchange(
          key: BusinessKey(name: earlier.string("key"), value: earlier.string("value")), sender: sender)
      }
    }
  }

  private mutating func replies(_ test: CheckedObject) -> [TestReply] {
    var list: [TestReply] = []
    for reply in test.objects("replies") {
      let answer: TestReply.Answer =
        if let failure = reply.text("error").flatMap(TestFailure.init) {
          .failure(failure, code: reply.string("code"))
        } else {
          .success(code: reply.string("status"), body: content(reply["body"]))
        }
      list.append(TestReply(endpoint: reply.string("endpoint"), receiver: reply.code("receiver"), answer: answer))
    }
    return list
  }

  private mutating func expectation(_ expect: CheckedObject) -> RouteExpectation {
    var deliveries: [ExpectedDelivery] = []
    for delivery in expect.objects("deliveries") {
      deliveries.append(
        ExpectedDelivery(
          endpoint: delivery.string("endpoint"), receiver: delivery.code("receiver"), body: content(delivery["body"]),
          mediaType: delivery.text("mediaType")))
    }
    let named = expect.text("route")
    return RouteExpectation(
      route: named == "none" ? nil : named, noRoute: named == "none",
      state: expect.text("state").flatMap(ExchangeState.init),
      deliveries: expect["deliveries"] == nil ? nil : deliveries, answer: content(expect["answer"]),
      violations: expect.texts("violations"))
  }

  /// Text as it stands, or the file beside the route's own.
  private mutating func content(_ value: Checked?) -> TestContent? {
    guard let value else { return nil }
    if let text = value.text { return TestContent(bytes: Array(text.utf8), place: value.place) }
    guard let file = value.object else { return nil }
    let folder = value.place.file.split(separator: "/").dropLast().joined(separator: "/")
    let path = "\(folder)/\(file.string("file"))"
    if let bytes = files.contents[path] { return TestContent(file: path, bytes: bytes, place: file.place("file")) }
    let near = nearest(to: path, in: files.contents.keys.filter { $0.hasPrefix("\(folder)/") })
    complaints.error(.missingSource(path, near: near), at: file.place("file"))
    return nil
  }
}
