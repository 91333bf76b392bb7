import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand
import VNeID
import VNeIDMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [HTTPConnector.self, EDocumentConnector.self, VNeIDConnector.self],
    mocks: [HTTPMock.self, EDocumentMock.self, VNeIDMock.self],
    samples: [EDocumentSamples.self]))
