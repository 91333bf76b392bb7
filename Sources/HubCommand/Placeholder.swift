// HubCommand
