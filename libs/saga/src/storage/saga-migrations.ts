import { HotSagas1795960000001 } from './hot-sagas.ts';
import { SagaLogs1795950000005 } from './saga-logs.ts';
import { SagaTables1763683300000 } from './saga-tables.ts';
import { SagasInOrder1797600000000 } from './sagas-in-order.ts';

/** The migrations of the table of sagas, from its creation to what this release needs. */
export const sagaMigrations = [
  SagaTables1763683300000,
  SagaLogs1795950000005,
  HotSagas1795960000001,
  SagasInOrder1797600000000,
] as const;
