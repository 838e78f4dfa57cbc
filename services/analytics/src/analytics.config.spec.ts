import { expect, it } from '@jest/globals';
import { analyticsConfig } from './analytics.config.ts';

it('what was counted is known longer than a broker may repeat it', () => {
  const wrongIn = (env: object) =>
    analyticsConfig.safeParse(env).error?.issues.map(({ path }) => path[0]);
  expect(wrongIn({ COUNTED_RETENTION: '8d' })).toBeUndefined();
  expect(wrongIn({ COUNTED_RETENTION: '7d' })).toEqual(['COUNTED_RETENTION']);
  expect(wrongIn({ LONGEST_REDELIVERY: '30d' })).toEqual(['COUNTED_RETENTION']);
});
