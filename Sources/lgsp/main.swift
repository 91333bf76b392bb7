import DocumentSystems
import DocumentSystemsContract
import DocumentSystemsMock
import EDocument
import EDocumentContract
import EDocumentMock
import HTTP
import HTTPContract
import HTTPMock
import HubCommand
import NationalPortal
import NationalPortalContract
import NationalPortalMock
import OperationsCentreMock
import Population
import PopulationContract
import PopulationMock
import ProcedureSystem
import ProcedureSystemContract
import ProcedureSystemMock
import VNeID
import VNeIDContract
import VNeIDMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
    connectors: [
      HTTPConnector.self,
      DocumentSystemsConnector.self,
      EDocumentConnector.self,
      NationalPortalConnector.self,
      PopulationConnector.self,
      ProcedureSystemConnector.self,
      VNeIDConnector.self,
    ],
    mocks: [
      HTTPMock.self,
      DocumentSystemsMock.self,
      EDocumentMock.self,
      NationalPortalMock.self,
      OperationsCentreMock.self,
      PopulationMock.self,
      ProcedureSystemMock.self,
      VNeIDMock.self,
    ],
    contracts: [
      HTTPContract.self,
      DocumentSystemsContract.self,
      EDocumentContract.self,
      NationalPortalContract.self,
      PopulationContract.self,
      ProcedureSystemContract.self,
      VNeIDContract.self,
    ],
    samples: [EDocumentSamples.self, NationalPortalSamples.self]))
