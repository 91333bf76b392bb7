// HubJournal tests
