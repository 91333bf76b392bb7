// HubBus tests
