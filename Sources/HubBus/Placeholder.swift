// HubBus
