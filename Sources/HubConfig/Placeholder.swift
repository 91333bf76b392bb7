// HubConfig
