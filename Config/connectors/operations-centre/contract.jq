# Figures as the hub sends them; .n tells them apart.
{ dossiers: {received: .n, finishedOnTime: 0, finishedLate: 0, finishedUndated: 0, endedOtherwise: 0},
  documents: {received: 0, carried: 0},
  documentStatuses: {received: 0, carried: 0},
  lookups: {total: 1, withoutPurpose: 0, byAgency: {"H24.1": 1}},
  exchanges: {received: .n, delivered: 0, partly: 0, failed: 0},
  refusedAtTheDoor: {},
  endpoints: {"city-systems": {delivered: 1, refused: 0, parked: 0, expired: 0, abandoned: 0, failedAttempts: 0,
    waiting: {count: 1, meanMilliseconds: 12}}} } as $figures
| "\(.n)-1" as $name
| { type: "vn.haiphong.ioc.indicators", id: $name, subject: $name,
    data: { snapshotId: $name, takenAt: "2026-11-23T01:00:00.000Z", sequence: .n, timeZone: "+07:00",
      openDossiers: {open: 1, overdue: 0}, total: $figures, days: [{day: "2026-11-23", figures: $figures}] } }
