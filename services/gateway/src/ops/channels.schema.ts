import { kinds, text } from '@waybill/contracts';
import { wholeNumber } from '@waybill/http';
import { seekTarget } from '@waybill/service';
import { z } from 'zod';
import { channelReport, messageHeaders } from './operations.schema.ts';

const count = z.int().min(0);
const missing = z
  .array(z.string())
  .meta({ description: 'Services that did not answer in time; their part is not here' });

export const channelName = text(1, 255);

const longestWait = 30_000;
const milliseconds = (span: string): number =>
  Number.parseInt(span, 10) * (span.endsWith('ms') ? 1 : 1_000);

export const browseQuery = z.strictObject({
  limit: wholeNumber(1, 200).default(50),
  wait: z
    .string()
    .regex(/^\d{1,5}m?s$/, 'is a span of time such as 10s, at most 30s')
    .transform(milliseconds)
    .refine((wait) => wait <= longestWait, 'is at most 30s')
    .optional()
    .meta({ description: 'How long to wait for a first message, such as `10s`' }),
});

export const seekBody = z.strictObject({ group: text(1, 255), to: seekTarget });

export const purgeBody = z.strictObject({
  confirm: text(1, 255).meta({ description: 'The name of the channel' }),
});

/** One channel, with the groups of every service that subscribe to it. */
export const channelAnswer = z
  .strictObject({
    name: z.string(),
    kind: z.enum(kinds),
    broker: z.string().nullable().meta({ description: 'Null for a channel without groups' }),
    depth: count.nullable().meta({ description: 'What waits, over all groups' }),
    inFlight: count.nullable(),
    lagMs: z.number().nullable(),
    rates: z.strictObject({ perSecond: z.number(), errorRate: z.number() }),
    paused: z.boolean(),
    pausedBy: z.string().nullable(),
    pausedAt: z.iso.datetime().nullable(),
    partitions: z.array(
      z.strictObject({
        partition: count,
        depth: count.nullable(),
        end: count.nullable().meta({ description: 'The offset after its last message' }),
      }),
    ),
    subscribers: z.array(channelReport),
    missing,
  })
  .meta({ id: 'Channel' });

/** Messages that groups have not acknowledged. */
export const waitingPageAnswer = z
  .strictObject({
    items: z.array(
      z.strictObject({
        service: z.string(),
        group: z.string(),
        channel: z.string(),
        partition: count,
        offset: count.nullable(),
        inFlight: z.boolean().meta({ description: 'A consumer has it' }),
        headers: messageHeaders,
        data: z.unknown(),
        body: z.string().nullable(),
      }),
    ),
    nextCursor: z.null(),
    missing,
  })
  .meta({ id: 'WaitingPage' });

const groups = z.array(z.string());

export const pausedAnswer = z.strictObject({ name: z.string(), paused: z.literal(true), groups });

export const resumedAnswer = z.strictObject({ name: z.string(), paused: z.literal(false), groups });

export const movedAnswer = z.strictObject({ name: z.string(), group: z.string() });

export const purgedAnswer = z.strictObject({
  name: z.string(),
  purged: count,
  groups: z.array(z.strictObject({ service: z.string(), group: z.string(), purged: count })),
});
