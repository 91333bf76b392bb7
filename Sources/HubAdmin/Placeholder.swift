// HubAdmin
