import { instant, text } from '@waybill/contracts';
import { paging } from '@waybill/http';
import { messagePlaces, messageStates } from '@waybill/service';
import { z } from 'zod';

const count = z.int().min(0);
const missing = z
  .array(z.string())
  .meta({ description: 'Services that did not answer in time; their part is not here' });
const state = z.enum(messageStates).meta({
  description:
    'pending: it waits; processing: a consumer has it; completed; failed: an attempt failed, and there will be another; dead: it ' +
    'is a dead letter, or such a letter was discarded',
});

export const messageId = text(1, 100).toLowerCase();

export const deferredQuery = z.strictObject({ group: text(1, 255).optional(), ...paging });

/** Where a message is in the whole system. */
export const messageAnswer = z
  .strictObject({
    id: z.uuid(),
    state,
    type: z.string().nullable(),
    channel: z.string().nullable(),
    partition: count.nullable(),
    offset: count
      .nullable()
      .meta({ description: 'Null where the broker does not number messages' }),
    places: z.array(
      z.strictObject({
        place: z.enum(messagePlaces),
        service: z.string(),
        group: z.string().nullable(),
        state,
        type: z.string().nullable(),
        channel: z.string().nullable(),
        partition: count.nullable(),
        offset: count.nullable(),
        attempt: count.nullable(),
        at: instant.nullable(),
        dueAt: instant.nullable(),
        error: z.string().nullable(),
        deadLetterId: z.string().nullable(),
      }),
    ),
    missing,
  })
  .meta({ id: 'Message' });

/** Messages that groups have stored for later. */
export const deferredPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        service: z.string(),
        group: z.string(),
        messageId: z.uuid(),
        type: z.string().nullable(),
        channel: z.string(),
        partition: count,
        key: z.string(),
        attempt: count,
        reason: z.enum(['retry', 'calling', 'blocked', 'newer', 'redriven', 'held']),
        error: z.string().nullable(),
        firstAt: instant,
        dueAt: instant.nullable(),
      }),
    ),
    nextCursor: z.string().nullable(),
    missing,
  })
  .meta({ id: 'DeferredPage' });
