// HubTransport tests
