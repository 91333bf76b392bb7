// HubMock
