import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { Schemas } from '@waybill/client';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import type { Target } from './target.ts';

type Activity = Schemas['Activity'];
type Board = Schemas['Leaderboard'];

/** What visitors view and customers buy: activities, recommendations and leaderboards. */
export function popularityTests(target: () => Target): void {
  const view = (sku: string, sessionId: string): Activity => ({
    type: 'view_product',
    sessionId,
    occurredAt: new Date().toISOString(),
    properties: { sku },
    eventId: randomUUID(),
  });

  const report = (activities: Activity | Activity[]) =>
    target().anonymous().post<{ accepted: number } & ProblemView>('/api/v1/activity', activities);

  async function board(name: Board['name']): Promise<Board['items']> {
    const ops = await target().as('ops');
    const path = { name };
    const query = { limit: 100 };
    return (await ops.read('/api/v1/analytics/leaderboards/{name}', { path, query })).items;
  }

  const scoreOf = async (name: Board['name'], id: string) => {
    const found = (await board(name)).find((each) => each.id === id);
    return found?.count ?? found?.amount?.amount;
  };

  async function recommended(sku: string): Promise<string[]> {
    const { items } = await target()
      .anonymous()
      .read('/api/v1/products/{sku}/recommendations', { path: { sku }, query: { limit: 20 } });
    return items.map((each) => `${each.sku} ${each.reason}`);
  }

  it('recommends what was bought together, then what was viewed together, then what else sells in the category', async () => {
    const category = target().unique('Games');
    const parts = { category, weightGrams: 1 };
    const make = () => target().product(300, parts);
    const [sku, bought, viewed, other] = [await make(), await make(), await make(), await make()];
    await eventually(
      'the new products are known',
      async () => (await recommended(sku)).length === 3,
    );
    expect(await recommended(sku)).toEqual(
      [bought, viewed, other].sort().map((each) => `${each} best_seller`),
    );
    const ada = await target().as('ada');
    const lines = [
      { sku, quantity: 1 },
      { sku: bought, quantity: 200 },
    ];
    await ada.buy({ lines });
    const session = randomUUID();
    expect((await report([view(sku, session), view(viewed, session)])).status).toBe(202);
    const expected = [
      `${bought} bought_together`,
      `${viewed} viewed_together`,
      `${other} best_seller`,
    ];
    await eventually(
      'the recommendations are computed',
      async () => (await recommended(sku)).join() === expected.join(),
    );
    // Leaderboards follow the counts of which recommendations are made.
    await eventually('it is on the leaderboards', async () => {
      const units = await scoreOf('top-selling', bought);
      const revenue = await scoreOf('top-revenue', bought);
      const spent = await scoreOf('top-customers', ada.userId);
      return units === 200 && (revenue ?? 0) > 0 && (spent ?? 0) > 0;
    });
  });

  it('counts each view once, also when its report is sent again, and none of a product that does not exist', async () => {
    const sku = await target().product(1);
    await eventually(
      'the new product is known',
      async () =>
        (await target().anonymous().get(`/api/v1/products/${sku}/recommendations`)).status === 200,
    );
    const session = randomUUID();
    const views = Array.from({ length: 300 }, () => view(sku, session));
    const unknown = view(target().unique('NO-SUCH').toUpperCase(), session);
    for (let n = 0; n < 2; n += 1) {
      const { status, body } = await report([...views, unknown]);
      expect([status, body.accepted]).toEqual([202, 301]);
    }
    await eventually(
      'the views are counted',
      async () => (await scoreOf('most-viewed', sku)) === 300,
    );
    await report({ ...view(sku, session), properties: { sku } });
    await eventually(
      'one more is counted',
      async () => (await scoreOf('most-viewed', sku)) === 301,
    );
    const ids = (await board('most-viewed')).map(({ id }) => id);
    expect(ids).not.toContain(unknown.properties?.['sku']);
  });

  it('names the activity and the field that are wrong, and takes none of them', async () => {
    const good = view('MUG', randomUUID());
    const { status, body } = await report([good, { ...good, sessionId: '' }]);
    expect([status, body.errors?.[0]?.path]).toEqual([400, '/1/sessionId']);
    const many = Array.from({ length: 501 }, () => good);
    expect((await report(many)).status).toBe(400);
    const unknown = await target()
      .anonymous()
      .get<ProblemView>('/api/v1/products/NO-SUCH/recommendations');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'unknown_sku']);
    const ops = await target().as('ops');
    const none = await ops.get<ProblemView>('/api/v1/analytics/leaderboards/fastest');
    expect([none.status, none.body.code]).toEqual([404, 'unknown_leaderboard']);
  });

  it('forgets a customer who was erased', async () => {
    const email = `${target().unique('buyer')}@example.com`.toLowerCase();
    const body = { email, password: 'correct horse', name: 'Buyer', locale: 'en' };
    await target().anonymous().api.POST('/api/v1/customers', { body });
    const { accessToken } = (
      await target()
        .anonymous()
        .post<Schemas['IssuedTokens']>('/api/v1/auth/token', { email, password: body.password })
    ).body;
    const buyer = target().anonymous().with(accessToken);
    const sku = await target().product(300, { weightGrams: 1 });
    await buyer.buy({ lines: [{ sku, quantity: 200 }] });
    await eventually(
      'the customer is counted',
      async () => (await scoreOf('top-customers', buyer.userId)) !== undefined,
    );
    expect((await buyer.send('DELETE', '/api/v1/customers/me')).status).toBe(202);
    await eventually(
      'the customer is gone',
      async () => (await scoreOf('top-customers', buyer.userId)) === undefined,
    );
  });
}
