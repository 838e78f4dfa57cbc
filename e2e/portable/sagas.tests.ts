import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { type SagaView, sagaOf, settledSagaOf } from './promises.ts';
import type { Target } from './target.ts';

const never = { method: 'card', token: 'tok_unavailable' };

/** The sagas of orders, as operators see and move them. */
export function sagaTests(target: () => Target): void {
  it('are listed, and found by their own id and by that of their order', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    const saga = await settledSagaOf(ops, id);
    expect(saga).toMatchObject({ state: 'completed', allowed: [] });
    expect(await sagaOf(ops, saga.id)).toEqual(saga);
    const isIt = (each: SagaView) => each.id === saga.id;
    for (const query of ['limit=200', 'limit=200&state=completed']) {
      expect((await ops.all<SagaView>(`/api/v1/sagas?${query}`, isIt)).some(isIt)).toBe(true);
    }
  });

  it.each(['running', 'compensating', 'completed', 'aborted', 'stuck'])(
    'are listed by the state %s',
    async (state) => {
      const ops = await target().as('ops');
      const { status, body } = await ops.get<{ items: (SagaView & { stuck: boolean })[] }>(
        `/api/v1/sagas?state=${state}&limit=200`,
      );
      expect(status).toBe(200);
      const isSo = (saga: SagaView & { stuck: boolean }) =>
        state === 'stuck' ? saga.stuck : saga.state === state;
      expect(body.items.every(isSo)).toBe(true);
    },
  );

  it.each(['state=lost', 'stuckFor=long', 'stuckFor=-1s'])(
    'are not listed by %s',
    async (query) => {
      expect((await (await target().as('ops')).get(`/api/v1/sagas?${query}`)).status).toBe(400);
    },
  );

  it('are listed when they have not moved for long', async () => {
    const ops = await target().as('ops');
    const { status, body } = await ops.get<{ items: SagaView[] }>('/api/v1/sagas?stuckFor=1h');
    expect(status).toBe(200);
    for (const { state } of body.items) expect(['running', 'compensating']).toContain(state);
  });

  it('that wait can be asked again and given up: the order is rejected, and costs nothing', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = (await ada.placeOrder({ payment: never })).body;
    await eventually('the saga waits for its provider', async () => {
      const { step } = await sagaOf(ops, id);
      return step === 'authorize-payment';
    });
    const again = await ops.post<SagaView>(`/api/v1/sagas/${id}/retry`, {});
    expect([again.status, again.body.state]).toEqual([202, 'running']);
    const given = await ops.post<SagaView>(`/api/v1/sagas/${id}/compensate`, {});
    expect(given.status).toBe(202);
    const order = await ada.settled(id);
    expect([order.status, order.payment.captured.amount]).toEqual(['rejected', 0]);
  });

  it.each(['retry', 'compensate'])('that are settled refuse to %s', async (what) => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    await settledSagaOf(ops, id);
    const late = await ops.post<ProblemView>(`/api/v1/sagas/${id}/${what}`, {});
    expect([late.status, late.body.code]).toEqual([409, 'saga_settled']);
  });
}
