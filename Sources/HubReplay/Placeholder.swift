// HubReplay
