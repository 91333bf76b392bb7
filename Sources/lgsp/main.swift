import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand
import Population
import PopulationMock
import OperationsCentre
import OperationsCentreMock
import NationalPortal
import NationalPortalMock
import ProcedureSystem
import ProcedureSystemMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [HTTPConnector.self, EDocumentConnector.self, PopulationConnector.self],
    mocks: [HTTPMock.self, EDocumentMock.self, PopulationMock.self],
    connectors: [HTTPConnector.self, EDocumentConnector.self, OperationsCentreConnector.self],
    mocks: [HTTPMock.self, EDocumentMock.self, OperationsCentreMock.self],
    samples: [EDocumentSamples.self]))
    connectors: [
      HTTPConnector.self, EDocumentConnector.self,
      NationalPortalConnector.self,
      ProcedureSystemConnector.self,
    ],
    mocks: [
      HTTPMock.self, EDocumentMock.self,
      NationalPortalMock.self,
      ProcedureSystemMock.self,
    ],
    samples: [
      EDocumentSamples.self,
      NationalPortalSamples.self,
    ]))
