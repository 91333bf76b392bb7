// HubCommand tests
