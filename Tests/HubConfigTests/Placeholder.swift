// HubConfig tests
