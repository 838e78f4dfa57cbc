import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { readSettings, settingProblems } from './read-settings.ts';
import { secret } from './secret.ts';

const known = 'whsec_development';
const isWebhookSecret = (value: string | undefined) => value?.startsWith('whsec_') ?? true;
const problemsOf = (schema: z.ZodType, WEBHOOK_SECRET?: string): readonly string[] =>
  settingProblems({ NODE_ENV: 'production', WEBHOOK_SECRET }, [
    z.object({ WEBHOOK_SECRET: schema }),
  ]);

it.each([
  ['is refined', secret(known).refine(isWebhookSecret, 'is no secret')],
  ['is refined twice', secret(known).refine(Boolean).refine(isWebhookSecret, 'is no secret')],
  ['is optional and refined', secret(known).optional().refine(isWebhookSecret, 'is no secret')],
  [
    'is refined and changed',
    secret(known).refine(isWebhookSecret, 'is no secret').transform(Buffer.from),
  ],
  [
    'is read as another schema',
    secret(known).pipe(z.string().startsWith('whsec_', 'is no secret')),
  ],
  [
    'is prepared',
    z.preprocess((value) => value, secret(known).refine(isWebhookSecret, 'is no secret')),
  ],
  [
    'is described',
    secret(known).refine(isWebhookSecret, 'is no secret').describe('Signs webhooks.'),
  ],
])(
  'a secret that %s is still one: not shown, and not left at its development value',
  (_, schema) => {
    expect(problemsOf(schema, 'hunter2')).toEqual(['WEBHOOK_SECRET: is no secret']);
    for (const value of [undefined, known]) {
      expect(problemsOf(schema, value)).toEqual([
        'WEBHOOK_SECRET has its development value, which a deployed service refuses',
      ]);
    }
    expect(problemsOf(schema, 'whsec_own')).toEqual([]);
  },
);

it('what is no secret is shown', () => {
  const schema = z.object({ NAME: z.string().min(1).refine(isWebhookSecret, 'is no name') });
  expect(() => readSettings('order', { NAME: 'ada' }, [schema])).toThrow(/it is "ada"/);
});
