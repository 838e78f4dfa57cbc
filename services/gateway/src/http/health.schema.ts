import { z } from 'zod';

const status = z.enum(['healthy', 'degraded', 'unhealthy']);

export const liveAnswer = z.strictObject({ status: z.literal('healthy') });

/** The health of every process of the system. */
export const systemHealthAnswer = z
  .strictObject({
    status,
    services: z.array(
      z.strictObject({
        service: z.string(),
        status,
        checks: z.array(
          z.strictObject({
            name: z.string(),
            status,
            value: z.number().nullable(),
            threshold: z.strictObject({
              degraded: z.number(),
              unhealthy: z.number().nullable().meta({ description: 'null: it only degrades' }),
            }),
            unit: z.string(),
            durationMs: z.number(),
            about: z
              .string()
              .optional()
              .meta({ description: 'What the value is of, the worst of several' }),
            error: z.string().optional(),
          }),
        ),
      }),
    ),
  })
  .meta({ id: 'SystemHealth' });
