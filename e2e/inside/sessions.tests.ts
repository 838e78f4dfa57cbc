import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Target } from '../portable/target.ts';
import type { Client } from '../system/client.ts';
import type { TestSystem } from '../system/test-system.ts';

/** How many new anonymous sessions an address may report in an hour: more than the other tests do. */
export const sessionsPerAddress = 300;

/** The activities of so many sessions that have none yet. */
export function viewsOfNewSessions(count: number): readonly object[] {
  const occurredAt = new Date().toISOString();
  return Array.from({ length: count }, () => ({
    type: 'page_view',
    sessionId: randomUUID(),
    occurredAt,
    properties: { page: '/' },
  }));
}

/** A flood of anonymous sessions from one address. */
export function sessionTests(system: () => TestSystem, target: () => Target): void {
  const report = (client: Client, count: number) =>
    client.post<{ code?: string }>('/api/v1/activity', viewsOfNewSessions(count));

  it('are refused beyond the limit of an address, and no customer is', async () => {
    const anonymous = target().anonymous();
    const { status, body, headers } = await report(anonymous, sessionsPerAddress + 1);
    expect([status, body.code]).toEqual([429, 'too_many_requests']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(3_600);
    expect((await report(anonymous, 1)).status).toBe(202);
    const ada = await target().as('ada');
    expect((await report(ada, sessionsPerAddress + 1)).status).toBe(202);
    expect(await system().verify()).toEqual([]);
  });
}
