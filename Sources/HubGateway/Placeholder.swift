// HubGateway
