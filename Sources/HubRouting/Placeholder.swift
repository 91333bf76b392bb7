// HubRouting
