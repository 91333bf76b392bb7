import HubHosting
import Testing

@Suite struct HostedConnectorTests {
  @Test func `no manifest, no connector`() { #expect(HostedConnectors.kinds().isEmpty) }
}
