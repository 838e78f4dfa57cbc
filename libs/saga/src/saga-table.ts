import { type StateTable, states } from '@waybill/messaging';
import type { SagaState } from './saga-state.ts';

/** The rows of all sagas of a service, by `sagaId`. */
export const sagas: StateTable<SagaState> = states<SagaState>({
  table: 'sagas',
  id: 'id',
  columns: {
    id: 'text',
    saga: 'text',
    definitionVersion: 'integer',
    key: 'text',
    status: 'text',
    step: 'text',
    phase: 'text',
    reason: 'text',
    data: 'jsonb',
    undoing: 'jsonb',
    dueAt: 'timestamptz',
    attempts: 'integer',
    stuck: 'boolean',
    cancelRequested: 'text',
    startedAt: 'timestamptz',
    updatedAt: 'timestamptz',
  },
  retired: { log: 'jsonb' },
  seldom: ['saga', 'definitionVersion', 'key', 'data', 'startedAt'],
});
