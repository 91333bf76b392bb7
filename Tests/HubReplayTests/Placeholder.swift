// HubReplay tests
