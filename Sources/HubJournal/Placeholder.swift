// HubJournal
