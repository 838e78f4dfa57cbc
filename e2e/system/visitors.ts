import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import { eventually } from './eventually.ts';
import type { SystemUnderTest } from './system-under-test.ts';

type Activity = Schemas['Activity'];

const second = 1_000;
/** Longer than the default of `ALLOWED_LATENESS`. */
const tooLate = 400 * second;
const perReport = 20;
const pages = ['/', '/sale', '/new', '/help'];

/** One busy visitor and a few others, and what a naive computation makes of what they do. */
export class Visitors {
  private readonly start = Date.now() - 7_200 * second;
  private readonly reported: Activity[] = [];
  private late = 0;
  private readonly sessions = [randomUUID(), randomUUID(), randomUUID()] as const;

  constructor(private readonly system: SystemUnderTest) {}

  /** Reports what they do next; resolves when the broker has it. */
  async go(): Promise<void> {
    const [busy, ...others] = this.sessions;
    const first = Math.floor(this.reported.length / (perReport + others.length)) * perReport;
    const done = Array.from({ length: perReport }, (_, i) => this.activity(busy, first + i));
    const some = others.map((session, i) => this.activity(session, first + i));
    await this.report([...done, ...some]);
    this.reported.push(...done, ...some);
  }

  /** Reports what the busy visitor did so long before the last report that it does not count. */
  async goLate(): Promise<void> {
    const newest = Math.max(...this.reported.map(({ occurredAt }) => Date.parse(occurredAt)));
    const occurredAt = new Date(newest - tooLate).toISOString();
    await this.report([{ ...this.activity(this.sessions[0], 0), occurredAt }]);
    this.late += 1;
  }

  /** Their windows and sessions are as if nothing had happened to the system. */
  async expectResults(): Promise<void> {
    for (const session of this.sessions) {
      const wanted = this.naive(session);
      let found: unknown;
      await eventually('the windows have everything', async () => {
        found = await this.shown(session);
        return JSON.stringify(found) === JSON.stringify(wanted);
      }).catch(() => undefined);
      expect(found).toEqual(wanted);
    }
  }

  private activity(sessionId: string, n: number): Activity {
    const isPurchase = n % 10 === 7;
    return {
      eventId: randomUUID(),
      type: isPurchase ? 'purchase' : 'page_view',
      sessionId,
      occurredAt: new Date(this.start + n * second).toISOString(),
      properties: isPurchase ? { amount: 100 + n } : { page: pages[n % 4] ?? '/' },
    };
  }

  /** The same report again until it is answered: each activity counts once. */
  private async report(activities: readonly Activity[]): Promise<void> {
    await eventually('the report is taken', async () => {
      const { status } = await this.system.anonymous().post('/api/v1/activity', activities);
      return status === 202;
    });
  }

  private async shown(session: string) {
    const ops = await this.system.as('ops');
    const from = new Date(this.start - 3_600 * second).toISOString();
    const query = { user: session, from };
    const { late } = await ops.read('/api/v1/analytics/windows', { query });
    const windows = await ops.all('/api/v1/analytics/windows', { query });
    const all = await ops.all('/api/v1/analytics/sessions', { query: { from } });
    return {
      late,
      sessions: all
        .filter(({ sessionId }) => sessionId === session)
        .map(({ activities, spend }) => ({ activities, spend: spend.amount })),
      windows: [...windows]
        .reverse()
        .map(({ from: at, activities, pageViews, uniquePages, purchases, spend }) => ({
          at,
          activities,
          pageViews,
          uniquePages,
          purchases,
          spend: spend.amount,
        })),
    };
  }

  private naive(session: string): Awaited<ReturnType<Visitors['shown']>> {
    const done = this.reported.filter(({ sessionId }) => sessionId === session);
    const starts = new Set(
      done.flatMap(({ occurredAt }) => {
        const first = Math.floor(Date.parse(occurredAt) / (10 * second)) * 10 * second;
        return Array.from({ length: 6 }, (_, i) => first - i * 10 * second);
      }),
    );
    return {
      late: session === this.sessions[0] ? this.late : 0,
      sessions: [{ activities: done.length, spend: spendOf(done) }],
      windows: [...starts]
        .sort((one, other) => one - other)
        .map((start) => ({ at: new Date(start).toISOString(), ...countsOf(within(done, start)) })),
    };
  }
}

const within = (done: readonly Activity[], start: number) =>
  done.filter(({ occurredAt }) => {
    const at = Date.parse(occurredAt);
    return at >= start && at < start + 60 * second;
  });

const spendOf = (done: readonly Activity[]): number =>
  done.reduce((sum, { properties }) => sum + Number(properties['amount'] ?? 0), 0);

function countsOf(done: readonly Activity[]) {
  const views = done.filter(({ type }) => type === 'page_view');
  return {
    activities: done.length,
    pageViews: views.length,
    uniquePages: new Set(views.map(({ properties }) => properties['page'])).size,
    purchases: done.length - views.length,
    spend: spendOf(done),
  };
}
