import { ConsumerInstances1763683200002 } from './consumer-instances.ts';
import { DeadLetterOriginals1795860000003 } from './dead-letter-originals.ts';
import { DeadLettersByMessage1797600000002 } from './dead-letters-by-message.ts';
import { JourneyPages1795950000004 } from './journey-pages.ts';
import { MessagingTables1763683200000 } from './messaging-tables.ts';
import { OutboxPages1795950000006 } from './outbox-pages.ts';
import { TaskLeases1796750000002 } from './task-leases.ts';

/** The tables that every service has, created before its own. */
export const libraryMigrations = [
  MessagingTables1763683200000,
  ConsumerInstances1763683200002,
  DeadLetterOriginals1795860000003,
  JourneyPages1795950000004,
  OutboxPages1795950000006,
  TaskLeases1796750000002,
  DeadLettersByMessage1797600000002,
];
