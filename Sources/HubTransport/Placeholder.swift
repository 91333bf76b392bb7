// HubTransport
