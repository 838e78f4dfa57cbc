import { type DataOf, local } from '@waybill/message';
import { z } from 'zod';
import type { SagaInput } from './saga-decision.ts';

/**
 * A timer of a saga is due. It is a message of the saga's own service and key, so it is processed after the replies that already
 * wait. Handle it with `react(saga, state, timerInput(data), …)`.
 */
export const SagaDue = local('saga.due', {
  summary: 'A timer of a saga has fallen due.',
  schema: z.strictObject({
    sagaId: z.string(),
    key: z.string(),
    step: z.string(),
    dueAt: z.iso.datetime(),
    found: z.enum(['confirmed', 'unconfirmed', 'timed-out']),
  }),
  key: (data) => data.key,
});

/** The timer message as an input of the engine. */
export function timerInput(data: DataOf<typeof SagaDue>): SagaInput {
  const { step, dueAt } = data;
  if (data.found === 'confirmed') return { confirmed: step, dueAt };
  if (data.found === 'unconfirmed') return { unconfirmed: step, dueAt };
  return { timedOut: step, dueAt };
}
