import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand
import Population
import PopulationMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [HTTPConnector.self, EDocumentConnector.self, PopulationConnector.self],
    mocks: [HTTPMock.self, EDocumentMock.self, PopulationMock.self],
    samples: [EDocumentSamples.self]))
