import HubKit
import Testing

@Suite struct SettingTests {
  private let declared = [
    Setting("url", .url, required: true, example: "http://a", help: "Where."),
    Setting("limit", .integer(1...100), default: .integer(10), example: "10", help: "How many."),
    Setting("pause", .duration, default: .duration(.seconds(5)), example: "5s", help: "How long."),
    Setting("verify", .flag, default: .flag(true), example: "true", help: "Whether."),
    Setting("note", .text, example: "x", help: "What."),
  ]

  @Test func `What is left out has its default`() {
    let values = SettingValues(["url": .text("http://a")], declared: declared)
    #expect(values.text("url") == "http://a")
    #expect(values.integer("limit") == 10)
    #expect(values.duration("pause") == .seconds(5))
    #expect(values.flag("verify"))
  }

  @Test func `What is given wins over the default, also when it is false`() {
    let values = SettingValues(["limit": .integer(3), "verify": .flag(false)], declared: declared)
    #expect(values.integer("limit") == 3)
    #expect(!values.flag("verify"))
  }

  @Test func `Without a default there is nothing, and empty lists and maps`() {
    let values = SettingValues([:], declared: declared)
    #expect(values.text("note") == nil)
    #expect(values.integer("note") == nil)
    #expect(values.duration("none") == nil)
    #expect(values.secret("none") == nil)
    #expect(!values.flag("none"))
    #expect(values.list("none").isEmpty)
    #expect(values.map("none").isEmpty)
  }

  @Test func `A value is given only as what it is`() {
    let values = SettingValues([
      "list": .list(["a", "b"]), "map": .map(["a": "b"]), "text": .text("5"),
    ])
    #expect(values.list("list") == ["a", "b"])
    #expect(values.map("map") == ["a": "b"])
    #expect(values.integer("text") == nil)
    #expect(values.text("list") == nil)
    #expect(values.list("map").isEmpty)
  }
}

@Suite struct SecretTests {
  private static let value = "khoa-that-93"
  private let secret = Secret(reference: "file:/etc/lgsp/axis.key", value: value)

  @Test
  func `The one who needs a secret gets it, and nothing while a configuration is only checked`() {
    #expect(secret.reveal() == Self.value)
    #expect(Secret(reference: "env:KEY", value: nil).reveal() == nil)
  }

  @Test func `A secret prints where it comes from`() {
    #expect("\(secret)" == "file:/etc/lgsp/axis.key")
    #expect(String(reflecting: secret) == "file:/etc/lgsp/axis.key")
    #expect(
      Mirror(reflecting: secret).children.map { "\($0.value)" } == ["file:/etc/lgsp/axis.key"])
  }

  @Test func `No way of printing shows the value, nor when the secret lies inside something else`() {
    let values = SettingValues(["key": .secret(secret)])
    let things: [Any] = [
      secret, [secret], ["key": secret], Optional(secret) as Any, SettingValue.secret(secret),
      values,
      (name: "key", secret: secret), Result<Secret, SettingError>.success(secret),
    ]
    for thing in things {
      let children = Mirror(reflecting: thing).children.map { String(reflecting: $0.value) }
      #expect(!children.contains { $0.contains(Self.value) })
      for text in ["\(thing)", String(describing: thing), String(reflecting: thing)] {
        #expect(!text.contains(Self.value))
        #expect(text.contains("axis.key"))
      }
    }
  }

  @Test func `Secrets with the same reference and other values are not equal`() {
    #expect(secret != Secret(reference: secret.reference, value: "khac"))
  }
}
