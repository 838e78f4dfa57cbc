import { expect, it } from '@jest/globals';
import type { Operation } from '../system/api-document.ts';
import type { List, ProblemView } from '../system/client.ts';
import { samplePath } from './samples.ts';
import type { Target } from './target.ts';
import { usualWebhook } from './usual-webhook.ts';

const limits = ['0', '201', '-1', '1.5', '1e2', 'ten', '', '%20', '0x10', '9'.repeat(30)];
const cursors = ['nonsense', '', 'e30', 'bnVsbA', 'W10', 'x'.repeat(1_001), "' or 1=1--", '%00'];

/** The limits and cursors of every list in the API document. */
export function pageTests(target: () => Target): void {
  /** The path of each list, without page parameters. Lists of an order use one of ada's, those of a customer hers. */
  async function lists(): Promise<string[]> {
    const ada = await target().as('ada');
    const { id, customerId } = await ada.buy();
    // The audit of a dead letter is a list too, but dead letters cannot be created through the API.
    const isList = ({ path, query }: Operation) =>
      !path.startsWith('/api/v1/dead-letters/{id}') &&
      ['limit', 'cursor'].every((name) => query.some((each) => each.name === name));
    const found = target().contract.document.operations.filter(isList);
    expect(found.length).toBeGreaterThan(6);
    const webhookId = await usualWebhook(ada);
    const ofOthers = [
      ['/api/v1/customers/{id}', customerId],
      ['/api/v1/webhooks/{id}', webhookId],
    ] as const;
    return found.map((operation) => {
      const [, other] = ofOthers.find(([start]) => operation.path.startsWith(start)) ?? [];
      const path = samplePath(operation, { id: other ?? id });
      return path.includes('?') ? `${path}&` : `${path}?`;
    });
  }

  it('refuses limits that are none of 1 to 200', async () => {
    const ops = await target().as('ops');
    for (const list of await lists()) {
      for (const limit of limits) {
        const { status, body } = await ops.get<ProblemView>(`${list}limit=${limit}`);
        expect([list, limit, status]).toEqual([list, limit, 400]);
        expect(body.errors?.map(({ path }) => path)).toEqual(['/limit']);
      }
      for (const limit of [1, 200]) {
        const { status, body } = await ops.get<List<object>>(`${list}limit=${limit}`);
        expect([list, limit, status]).toEqual([list, limit, 200]);
        expect(body.items.length).toBeLessThanOrEqual(limit);
      }
    }
  });

  it('refuses cursors that no list has made', async () => {
    const ops = await target().as('ops');
    for (const list of await lists()) {
      for (const cursor of cursors) {
        const { status } = await ops.get<ProblemView>(`${list}cursor=${cursor}`);
        expect([list, cursor, status]).toEqual([list, cursor, 400]);
      }
    }
  });

  it('goes on behind the last item of a page, so that none comes twice', async () => {
    const ops = await target().as('ops');
    let followed = 0;
    for (const list of await lists()) {
      const seen: string[] = [];
      let cursor: string | null = '';
      for (let page = 0; page < 4 && cursor !== null; page += 1) {
        const next: string = cursor ? `&cursor=${cursor}` : '';
        const { body } = await ops.get<List<object>>(`${list}limit=1${next}`);
        seen.push(...body.items.map((item) => JSON.stringify(item)));
        cursor = body.nextCursor;
        followed += next ? 1 : 0;
      }
      expect([list, new Set(seen).size]).toEqual([list, seen.length]);
    }
    expect(followed).toBeGreaterThan(10);
  });

  it('follows a cursor only in the list that made it', async () => {
    const ops = await target().as('ops');
    const made = new Map<string, string>();
    for (const list of await lists()) {
      const { body } = await ops.get<List<object>>(`${list}limit=1`);
      if (body.nextCursor) made.set(list, body.nextCursor);
    }
    expect(made.size).toBeGreaterThan(3);
    for (const [list, cursor] of made) {
      for (const other of await lists()) {
        if (other === list) continue;
        const { status } = await ops.get(`${other}cursor=${cursor}`);
        expect([list, other, status]).toEqual([list, other, 400]);
      }
    }
  });
}
