import { enteredLine, givenInstant, instant, text } from '@waybill/contracts';
import { paging } from '@waybill/http';
import { z } from 'zod';
import { alertChannels } from '../clients/alert-channels.ts';
import { alertStates } from '../domain/alert.ts';
import { ruleNames } from '../domain/alert-rules.ts';

export const alertId = z.uuid().toLowerCase();
const rule = z.enum(ruleNames as [string, ...string[]]);

export const alertsQuery = z.strictObject({ ...paging, state: z.enum(alertStates).optional() });
export type AlertsQuery = z.output<typeof alertsQuery>;
export const silencesQuery = z.strictObject(paging);
export type SilencesQuery = z.output<typeof silencesQuery>;

export const alertAnswer = z
  .strictObject({
    id: z.uuid(),
    rule,
    severity: z.enum(['page', 'ticket']),
    summary: z.string(),
    service: z.string(),
    check: z.string(),
    about: z.string().nullable().meta({ description: 'What the value is of, such as a group' }),
    value: z.number().nullable(),
    threshold: z.number().nullable(),
    unit: z.string(),
    state: z.enum(alertStates),
    silenced: z.boolean().meta({ description: 'A silence covers it now' }),
    startedAt: instant,
    lastSeenAt: instant,
    acknowledgedAt: instant.nullable(),
    acknowledgedBy: z.string().nullable(),
    resolvedAt: instant.nullable(),
    notifiedAt: instant.nullable().meta({ description: 'When it was last sent' }),
    runbook: z
      .string()
      .meta({ description: 'The page that tells what to do: a path of this origin, or a URL' }),
  })
  .meta({ id: 'Alert' });
export type AlertView = z.output<typeof alertAnswer>;

export const alertPageAnswer = z
  .strictObject({ items: z.array(alertAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'AlertPage' });

/** The body of POST /alerts/silences. */
export const createSilence = z
  .strictObject({
    rule: rule.nullable().default(null).meta({ description: 'null: every rule' }),
    service: enteredLine(1, 100)
      .nullable()
      .default(null)
      .meta({ description: 'null: every service' }),
    comment: enteredLine(1, 200),
    endsAt: givenInstant.meta({ description: 'In the future, by 30 days at most' }),
  })
  .meta({ id: 'CreateSilence' });
export type CreateSilence = z.output<typeof createSilence>;

export const silenceAnswer = z
  .strictObject({
    id: z.uuid(),
    rule: z.string().nullable(),
    service: z.string().nullable(),
    comment: z.string(),
    createdBy: z.string(),
    createdAt: instant,
    endsAt: instant,
  })
  .meta({ id: 'Silence' });
export type SilenceView = z.output<typeof silenceAnswer>;

export const silencePageAnswer = z
  .strictObject({ items: z.array(silenceAnswer), nextCursor: z.string().nullable() })
  .meta({ id: 'SilencePage' });

/** The body of POST /alerts/test. */
export const testAlert = z
  .strictObject({ channel: z.enum(alertChannels) })
  .meta({ id: 'TestAlert' });
export type TestAlert = z.output<typeof testAlert>;

export const testedAnswer = z
  .strictObject({
    channel: z.enum(alertChannels),
    status: z.enum(['sent', 'failed', 'not_configured']),
    error: z.string().nullable(),
  })
  .meta({ id: 'TestedAlertChannel' });
export type TestedChannel = z.output<typeof testedAnswer>;

const number = z.number().finite();

/** What a gateway reports; of healthy checks nothing. */
export const observationBody = z.strictObject({
  source: text(1, 100),
  processes: z
    .array(
      z.strictObject({
        service: text(1, 100),
        answered: z.boolean(),
        bad: z
          .array(
            z.strictObject({
              name: text(1, 200),
              status: z.enum(['degraded', 'unhealthy']),
              value: number.nullable(),
              threshold: z.strictObject({ degraded: number, unhealthy: number.nullable() }),
              unit: text(0, 200),
              about: text(0, 200).optional(),
            }),
          )
          .max(100),
      }),
    )
    .max(200),
});
export type ObservationBody = z.output<typeof observationBody>;

const count = z.number().int().min(0).max(1_000_000_000);

/** What a gateway has counted of the answers to orders, minute by minute. */
export const acceptsBody = z.strictObject({
  source: text(1, 100),
  accepts: z
    .array(
      z
        .strictObject({ minute: count, all: count, bad: count })
        .refine(({ all, bad }) => bad <= all, {
          error: 'must not be more than all',
          path: ['bad'],
        }),
    )
    .max(360),
});
export type AcceptsBody = z.output<typeof acceptsBody>;
