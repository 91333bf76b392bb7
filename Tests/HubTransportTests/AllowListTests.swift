import HubKit
import HubTesting
import Testing

@testable import HubTransport

@Suite struct `Allow-list entries` {
  @Test(arguments: [
    "*", "host.example.vn", "host:8443", "10.1.2.3", "127.0.0.1:8080", "127.0.0.0/8", "10.0.0.0/8:443", "::1",
    "[::1]:8080", "fd00::/8", "[fd00::/8]:443", "localhost",
  ])
  func `are read in every written form`(_ text: String) {
    #expect(AllowedAddress(text)?.description == text)
  }

  @Test(arguments: [
    "", "host:", "host:0", "host:70000", "host:x", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "::/129", "[::1",
    "[::1]x",
    "host.example.vn/8", "a b", "999.1.1.1", "http://host", "host/path", "*.example.vn", "host:+80",
  ])
  func `are refused when they are something else`(_ text: String) {
    #expect(AllowedAddress(text) == nil)
  }

  private func list(_ entries: String...) -> AllowList { AllowList(entries: entries.compactMap(AllowedAddress.init)) }
  private func address(_ text: String) throws -> NetworkAddress { try #require(NetworkAddress(text)) }

  @Test func `decide about the host and port of a URL`() {
    #expect(!list().allowsURL(host: "127.0.0.1", port: 80))
    #expect(list("10.0.0.0/9").allowsURL(host: "10.127.255.255", port: 80))
    #expect(!list("10.0.0.0/9").allowsURL(host: "10.128.0.0", port: 80))
    #expect(list("host.vn:443").allowsURL(host: "host.vn", port: 443))
    #expect(!list("host.vn:443").allowsURL(host: "host.vn", port: 80))
    #expect(!list("host.vn").allowsURL(host: "other.vn", port: 80))
    #expect(!list("host.vn").allowsURL(host: "10.0.0.1", port: 80))
    #expect(list("10.0.0.0/8").allowsURL(host: "name.vn", port: 80), "its address decides when it is known")
    #expect(list("*").allowsURL(host: "anything", port: 1))
  }

  @Test func `keep a name from leading back to this machine or its metadata service`() throws {
    let names = list("host.vn")
    #expect(names.allows(try address("10.1.1.1"), port: 80, host: "host.vn"))
    #expect(names.allows(try address("2001:db8::1"), port: 80, host: "host.vn"))
    for reserved in [
      "127.0.0.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "::ffff:127.0.0.1", "::",
    ] {
      #expect(!names.allows(try address(reserved), port: 80, host: "host.vn"), "\(reserved)")
    }
    #expect(list("host.vn", "127.0.0.0/8").allows(try address("127.0.0.1"), port: 80, host: "host.vn"))
    #expect(list("localhost").allows(try address("127.0.0.1"), port: 80, host: "localhost"))
    #expect(!list("localhost").allows(try address("10.0.0.1"), port: 80, host: "localhost"))
    #expect(!list("10.0.0.0/8").allows(try address("11.0.0.1"), port: 80, host: "name.vn"))
  }
}
