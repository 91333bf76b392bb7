// HubAdmin tests
