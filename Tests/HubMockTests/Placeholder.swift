// HubMock tests
