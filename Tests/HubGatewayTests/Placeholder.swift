// HubGateway tests
