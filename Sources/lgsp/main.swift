import EDocument
import EDocumentMock
import HTTP
import HTTPMock
import HubCommand
import NationalPortal
import NationalPortalMock
import ProcedureSystem
import ProcedureSystemMock

// The connectors that this `lgsp` knows: one line each. Nothing else happens here.
await runLGSP(
  Installation(
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
