internal import HubKit

/// The database's form, as numbered steps. A step that was released is never changed: a new one is added.
///
/// Times are microseconds since 1970. Exchanges and events share one rising count, `sequence`, which is their place in
/// the chain. Mutable columns of `exchange` keep one width in all their values, so that SQLite overwrites the row
/// in place when it settles: see ``StateCode`` and ``unset``.
enum Schema {
  /// Marks the file as a journal of ours ("LGSP"), `PRAGMA application_id`.
  static let applicationID: Int64 = 0x4C47_5350

  /// Stands for "not yet" in `settled_at` and `keep_until`, at the width of a time.
  static let unset = Int64.max

  /// The format that this version writes.
  static var version: Int { steps.count }

  /// Step n brings a database from version n to n + 1.
  static let steps: [String] = [first, second, third, fourth, fifth, sixth]

  /// Brings the database to the newest version, each step in a transaction of its own.
  ///
  /// - Parameter begin: writes what a new journal begins with; in the transaction that makes it, since a journal
  ///   without it could never be opened again.
  static func migrate(_ connection: Connection, begin: () throws(SQLiteError) -> Void) throws(SQLiteError) {
    let found = Int(try connection.integer("PRAGMA user_version") ?? 0)
    for number in found..<version {
      try connection.execute("BEGIN IMMEDIATE;\(steps[number])")
      if number == 0 { try begin() }
      try connection.execute("PRAGMA user_version = \(number + 1);COMMIT")
    }
  }

  private static let first = """
    PRAGMA application_id = 1279742800;
    -- key_check, epoch, created_at, duplicates_expired_to
    CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
    -- wrapped is NULL once the key was dropped; purpose is bodies or records
    CREATE TABLE data_key (
      number INTEGER PRIMARY KEY, day TEXT NOT NULL, purpose TEXT NOT NULL, wrapped BLOB, created_at INTEGER NOT NULL,
      dropped_at INTEGER
    ) STRICT;
    CREATE TABLE configuration (
      number INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, files BLOB, pinned_at INTEGER
    ) STRICT;
    CREATE TABLE cursor (source TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    -- One for each message: what was received, which never changes, and in front of it where it stands.
    CREATE TABLE exchange (
      sequence INTEGER PRIMARY KEY,
      id BLOB NOT NULL,
      phase INTEGER NOT NULL, state INTEGER NOT NULL, settled_at INTEGER NOT NULL, keep_until INTEGER NOT NULL,
      body_state INTEGER NOT NULL,
      received_at INTEGER NOT NULL, configuration INTEGER NOT NULL REFERENCES configuration (number),
      principal TEXT NOT NULL, duplicate_key BLOB NOT NULL, fingerprint BLOB NOT NULL,
      type TEXT NOT NULL, source TEXT NOT NULL, message_id TEXT NOT NULL, subject TEXT, sender TEXT, receivers TEXT,
      record_key INTEGER NOT NULL, sealed BLOB NOT NULL,
      body_key INTEGER, body_bytes INTEGER NOT NULL, body_digest BLOB NOT NULL, digest BLOB NOT NULL,
      body_file TEXT, body BLOB
    ) STRICT;
    CREATE UNIQUE INDEX exchange_id ON exchange (id);
    CREATE INDEX exchange_open ON exchange (phase) WHERE phase = 2;
    CREATE INDEX exchange_keep ON exchange (keep_until) WHERE phase = 3 AND body_state < 5;
    CREATE INDEX exchange_message ON exchange (message_id);
    CREATE INDEX exchange_subject ON exchange (subject) WHERE subject IS NOT NULL;
    CREATE INDEX exchange_sender ON exchange (sender) WHERE sender IS NOT NULL;
    CREATE INDEX exchange_file ON exchange (body_file) WHERE body_file IS NOT NULL;
    -- The ids that are taken; a row goes when the window has passed.
    CREATE TABLE duplicate (key BLOB PRIMARY KEY, exchange INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    -- What happened. No reference to exchange: an old segment may be dropped while later events name its exchanges.
    CREATE TABLE event (
      sequence INTEGER PRIMARY KEY, exchange INTEGER, at INTEGER NOT NULL, kind TEXT NOT NULL, principal TEXT,
      state INTEGER, keep_until INTEGER, record_key INTEGER, payload BLOB, keys BLOB, thinned INTEGER NOT NULL,
      digest BLOB NOT NULL
    ) STRICT;
    CREATE INDEX event_exchange ON event (exchange) WHERE exchange IS NOT NULL;
    CREATE TABLE business_key (
      value TEXT NOT NULL, name TEXT NOT NULL, exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
      PRIMARY KEY (value, name, exchange)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE person_key (
      hash BLOB NOT NULL, name TEXT NOT NULL, exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE,
      PRIMARY KEY (hash, name, exchange)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX business_key_exchange ON business_key (exchange);
    CREATE INDEX person_key_exchange ON person_key (exchange);
    -- The chain, and beside it how much there is after each commit.
    CREATE TABLE commit_log (
      number INTEGER PRIMARY KEY, at INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      digest BLOB NOT NULL, tally BLOB NOT NULL
    ) STRICT;
    CREATE TABLE segment (
      day TEXT PRIMARY KEY, previous BLOB NOT NULL, first_commit INTEGER NOT NULL, last_commit INTEGER,
      first INTEGER NOT NULL, last INTEGER, root BLOB, sealed INTEGER NOT NULL, thinned INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  private static let second = """
    -- Exchanges that have settled and wait for a person all the same.
    CREATE TABLE dead_letter (exchange INTEGER PRIMARY KEY REFERENCES exchange ON DELETE CASCADE) STRICT;
    -- Written by a version that did not mark them: more than there are does no harm.
    INSERT INTO dead_letter SELECT sequence FROM exchange WHERE phase = 3 AND state IN (5, 6);
    -- What far systems answered; it goes when the exchange's own body goes.
    CREATE TABLE reply (
      exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE, delivery INTEGER NOT NULL, media_type TEXT,
      body_key INTEGER, body_bytes INTEGER NOT NULL, body_digest BLOB NOT NULL, body_file TEXT, body BLOB,
      PRIMARY KEY (exchange, delivery)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX reply_file ON reply (body_file) WHERE body_file IS NOT NULL
    """

  private static let third = """
    -- Deliveries that wait on the disk only, since the hub keeps a window of each endpoint's in memory. An exchange's
    -- rows go when it settles; until then one may have been taken into memory. The lane is a keyed digest.
    CREATE TABLE shelf (
      exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE, delivery INTEGER NOT NULL,
      endpoint TEXT NOT NULL, lane TEXT, principal TEXT NOT NULL, bytes INTEGER NOT NULL, expiry INTEGER,
      PRIMARY KEY (exchange, delivery)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX shelf_endpoint ON shelf (endpoint, exchange, lane);
    CREATE INDEX shelf_lane ON shelf (lane, exchange) WHERE lane IS NOT NULL;
    CREATE INDEX shelf_expiry ON shelf (expiry) WHERE expiry IS NOT NULL
    """

  private static let fourth = """
    -- Endpoints that a person has stopped. The event of the same commit says who and why; it may be thinned out, this
    -- row stays until a person lets the endpoint go.
    CREATE TABLE endpoint_pause (
      endpoint TEXT PRIMARY KEY, since INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  private static let fifth = """
    -- Which version of an endpoint new messages take, where a person has said so; the event says who and why.
    CREATE TABLE endpoint_version (
      endpoint TEXT PRIMARY KEY, version TEXT NOT NULL, since INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID
    """

  private static let sixth = """
    -- Redelivery in bulk: what a person ordered, and how far the hub has gone with it. The counts outlive the items,
    -- which go with their exchanges; both change in the commit that holds the step they tell of.
    CREATE TABLE redelivery_job (
      number INTEGER PRIMARY KEY AUTOINCREMENT, filter TEXT NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL,
      created INTEGER NOT NULL, rate REAL NOT NULL, error_share REAL, most INTEGER, through INTEGER NOT NULL,
      state TEXT NOT NULL, state_at INTEGER NOT NULL, state_by TEXT NOT NULL, state_reason TEXT NOT NULL,
      cursor INTEGER NOT NULL DEFAULT 0, selected INTEGER, put_back INTEGER NOT NULL DEFAULT 0,
      refused INTEGER NOT NULL DEFAULT 0, delivered INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
      -- What had ended when it was last let go: the share of errors is that of what ended since.
      delivered_before INTEGER NOT NULL DEFAULT 0, failed_before INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    -- delivery is 0 for a message that was planned again; end: see RedeliveryEnd.
    CREATE TABLE redelivery_item (
      exchange INTEGER NOT NULL REFERENCES exchange ON DELETE CASCADE, delivery INTEGER NOT NULL,
      job INTEGER NOT NULL REFERENCES redelivery_job, end INTEGER NOT NULL, note TEXT,
      PRIMARY KEY (exchange, delivery, job)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX redelivery_item_job ON redelivery_item (job, end, exchange);
    -- Nearly all events are steps of exchanges; the others are looked for by kind.
    CREATE INDEX event_kind ON event (kind) WHERE kind <> 'steps'
    """
}

/// Numbers of the states in the database; none is 0 or 1, which SQLite would store at another width.
enum StateCode {
  static func number(_ state: ExchangeState) -> Int64 {
    switch state {
    case .received: 2
    case .underway: 3
    case .delivered: 4
    case .partly: 5
    case .failed: 6
    }
  }

  static func state(_ number: Int64) -> ExchangeState? { ExchangeState.allCases.first { Self.number($0) == number } }

  /// Whether restart has to look at it.
  static let open: Int64 = 2
  static let settled: Int64 = 3
}

/// What has become of a body.
enum BodyCode {
  static let inline: Int64 = 2
  static let file: Int64 = 3
  static let masked: Int64 = 4
  static let gone: Int64 = 5
}
