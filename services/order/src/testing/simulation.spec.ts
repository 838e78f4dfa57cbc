import { describe, expect, it } from '@jest/globals';
import { seeds } from '@waybill/messaging/testing';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order } from '../domain/order.ts';
import { placeOrderSaga } from '../sagas/place-order.saga.ts';
import { Simulation } from './simulation.ts';

const ordersEach = 6;
const asked = placeOrderSaga.steps.filter(({ send }) => send);

/** The violated invariants; empty if all hold. */
function broken(world: Simulation): string[] {
  const problems: string[] = [];
  const claim = (holds: boolean, what: string) => holds || problems.push(what);
  claim(
    world.isQuiet(),
    `not quiet: ${world
      .sagas()
      .filter(({ phase }) => phase !== 'settled')
      .map(({ id, step }) => `${id}@${step}`)}`,
  );
  claim(world.store.dead.length === 0, `dead: ${world.store.dead.map(({ error }) => error)}`);
  claim(world.accepted.size === ordersEach, 'a customer was never told of the order');
  for (const [key, ids] of world.accepted) claim(ids.size === 1, `${key} made ${ids.size} orders`);
  claim(world.orders().length === ordersEach, `${world.orders().length} orders`);
  for (const [effect, times] of world.participants.effects)
    claim(times === 1, `${effect} × ${times}`);
  const holding = world
    .orders()
    .filter(
      ({ status, content }) => content.voucher && status !== 'rejected' && status !== 'cancelled',
    );
  claim(
    world.voucherUses().every((uses) => uses === holding.length),
    `${world.voucherUses()} uses of the voucher by ${holding.length} orders`,
  );
  for (const order of world.orders()) problems.push(...brokenOrder(world, order));
  return problems;
}

function brokenOrder(world: Simulation, order: Order): string[] {
  const problems: string[] = [];
  const claim = (holds: boolean, what: string) => holds || problems.push(`${order.id} ${what}`);
  const of = (step: string) => world.participants.outcomeOf(order.id, step);
  const saga = world.sagas().find(({ key }) => key === order.id);
  if (saga?.status === 'completed') {
    claim(order.status === 'delivered', `completed but ${order.status}`);
    claim(order.payment.captured === order.total, 'is not paid in full');
    for (const { name } of asked) claim(of(name) === 'done', `completed with ${name} ${of(name)}`);
  } else {
    claim(order.status === 'rejected' && order.reason !== null, `aborted but ${order.status}`);
    claim(order.payment.captured === 0 && order.payment.authorized === 0, 'holds money');
    for (const { name, undo, pivot } of asked)
      if (undo || pivot) claim(of(name) !== 'done', `aborted with ${name} done`);
  }
  const events = world.store.events.filter(({ streamId }) => streamId === order.id);
  claim(
    events.every(({ version }, i) => version === i + 1),
    'has a gap in its versions',
  );
  const folded = events.reduce<Order | undefined>(
    (state, { event, version, at }) =>
      evolve(state, event as OrderEvent, { id: order.id, version, at }),
    undefined,
  );
  claim(JSON.stringify(folded) === JSON.stringify(order), 'is not the fold of its events');
  return problems;
}

describe('orders among unreliable neighbours', () => {
  it('all settle, once, with their money and stock where they belong', async () => {
    const outcomes: Record<string, number> = {};
    for (const seed of seeds(60, 200)) {
      const world = await new Simulation(seed).run(ordersEach);
      expect({ seed, broken: broken(world) }).toEqual({ seed, broken: [] });
      for (const { status, reason } of world.orders()) {
        const outcome = reason ?? status;
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    // Otherwise the neighbours were not unreliable enough for the test to prove anything.
    expect(Object.keys(outcomes).sort()).toEqual([
      'delivered',
      'out_of_stock',
      'payment_declined',
      'shipping_unavailable',
      'timed_out',
    ]);
  }, 120_000);
});
