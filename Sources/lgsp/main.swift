import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand
import NationalPortal
import NationalPortalMock
import OperationsCentreMock
import Population
import PopulationMock
import ProcedureSystem
import ProcedureSystemMock
import VNeID
import VNeIDMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [
      HTTPConnector.self,
      EDocumentConnector.self,
      NationalPortalConnector.self,
      PopulationConnector.self,
      ProcedureSystemConnector.self,
      VNeIDConnector.self,
    ],
    mocks: [
      HTTPMock.self,
      EDocumentMock.self,
      NationalPortalMock.self,
      OperationsCentreMock.self,
      PopulationMock.self,
      ProcedureSystemMock.self,
      VNeIDMock.self,
    ],
    samples: [EDocumentSamples.self, NationalPortalSamples.self]))
