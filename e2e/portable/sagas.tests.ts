import { expect, it } from '@jest/globals';
import type { ProblemView } from '../system/client.ts';
import { eventually } from '../system/eventually.ts';
import { type SagaView, sagaOf, settledSagaOf } from './promises.ts';
import type { Target } from './target.ts';

const never = { method: 'card', token: 'tok_unavailable' };

/** The sagas of orders, as operators see and control them. */
export function sagaTests(target: () => Target): void {
  it('are listed, and found by their own id and by that of their order', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    const saga = await settledSagaOf(ops, id);
    expect(saga).toMatchObject({ state: 'completed', allowed: [] });
    expect(await sagaOf(ops, saga.id)).toEqual(saga);
    const isIt = (each: SagaView) => each.id === saga.id;
    for (const query of [{ limit: 200 }, { limit: 200, state: 'completed' } as const]) {
      expect((await ops.all('/api/v1/sagas', { query }, isIt)).some(isIt)).toBe(true);
    }
  });

  it.each(['running', 'compensating', 'completed', 'aborted', 'stuck'] as const)(
    'are listed by the state %s',
    async (state) => {
      const ops = await target().as('ops');
      const { items } = await ops.read('/api/v1/sagas', { query: { state, limit: 200 } });
      const isSo = (saga: SagaView) => (state === 'stuck' ? saga.stuck : saga.state === state);
      expect(items.every(isSo)).toBe(true);
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
    const { items } = await ops.read('/api/v1/sagas', { query: { stuckFor: '1h' } });
    for (const { state } of items) expect(['running', 'compensating']).toContain(state);
  });

  it('that wait can be asked again and given up: the order is rejected, and costs nothing', async () => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = (await ada.placeOrder({ payment: never })).body;
    await eventually('the saga waits for its provider', async () => {
      const { step } = await sagaOf(ops, id);
      return step === 'authorize-payment';
    });
    const params = { path: { id } };
    const again = await ops.api.POST('/api/v1/sagas/{id}/retry', { params });
    expect([again.response.status, again.data?.state]).toEqual([202, 'running']);
    const given = await ops.api.POST('/api/v1/sagas/{id}/compensate', { params });
    expect(given.response.status).toBe(202);
    const order = await ada.settled(id);
    expect([order.status, order.payment.captured.amount]).toEqual(['rejected', 0]);
    const { audit } = await sagaOf(ops, id);
    expect(audit.map(({ action, step }) => `${action} at ${step}`)).toEqual([
      'retry at authorize-payment',
      'compensate at authorize-payment',
    ]);
    for (const { by } of audit) expect(by).toContain('@');
  });

  it.each(['retry', 'compensate'])('that are settled refuse to %s', async (what) => {
    const [ada, ops] = await Promise.all([target().as('ada'), target().as('ops')]);
    const { id } = await ada.buy();
    await settledSagaOf(ops, id);
    const late = await ops.post<ProblemView>(`/api/v1/sagas/${id}/${what}`, {});
    expect([late.status, late.body.code]).toEqual([409, 'saga_settled']);
  });
}
