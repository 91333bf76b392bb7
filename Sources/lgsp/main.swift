import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [HTTPConnector.self, EDocumentConnector.self],
    mocks: [HTTPMock.self, EDocumentMock.self],
    samples: [EDocumentSamples.self]))
