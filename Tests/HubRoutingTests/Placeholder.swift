// HubRouting tests
