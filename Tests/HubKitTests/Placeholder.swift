// HubKit tests
