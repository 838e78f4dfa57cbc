import { describe, expect, it } from '@jest/globals';
import { runs } from '@waybill/messaging/testing';
import type { OrderEvent } from '../domain/order.events.ts';
import { evolve, type Order } from '../domain/order.ts';
import { keptLines } from '../domain/refund.ts';
import { sum } from '../domain/tax.ts';
import { cancelOrderSaga } from '../sagas/cancel-order.saga.ts';
import { placeOrderSaga } from '../sagas/place-order.saga.ts';
import { Simulation } from './simulation.ts';

const ordersEach = 6;
const asked = placeOrderSaga.steps.filter(({ send }) => send);
const askedToCancel = cancelOrderSaga.steps.filter(({ send }) => send);

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
  const { payment } = order;
  const [placed, cancelled] = [placeOrderSaga, cancelOrderSaga].map(
    ({ name }) => world.sagas().find(({ id }) => id === `${name}:${order.id}`)?.status,
  );
  if (placed === 'completed') {
    const isCancelled = cancelled === 'completed';
    const isReturned = keptLines(order).length === 0;
    const kept = isReturned ? 'returned' : 'delivered';
    claim(order.status === (isCancelled ? 'cancelled' : kept), `ended ${order.status}`);
    claim(payment.captured === order.total, 'is not paid in full');
    const returned = sum(order.returns.map(({ refunded }) => refunded));
    claim(payment.refunded === (isCancelled ? order.total : returned), `refunds of ${returned}`);
    const part = order.content.credit;
    claim(payment.credit?.captured === part, 'did not take its store credit');
    const overCard = part === undefined ? undefined : payment.refunded - (order.total - part);
    const onCredit = overCard === undefined ? undefined : Math.max(0, overCard);
    claim(payment.credit?.refunded === onCredit, `refunds ${onCredit} to store credit`);
    claim(!isReturned || returned === order.total, `is returned, and ${returned} is refunded`);
    for (const { id, status } of order.returns) {
      claim(status === 'refunded' || status === 'refused', `has a return that is ${status}`);
      for (const name of ['restock-return', 'refund-payment'])
        claim((of(`${name}/${id}`) === 'done') === (status === 'refunded'), `${status}: ${name}`);
    }
    for (const { name } of asked.filter((step) => isNeeded(step, order)))
      claim(of(name) === 'done', `completed with ${name} ${of(name)}`);
    for (const { name } of askedToCancel)
      claim((of(name) === 'done') === isCancelled, `${order.status} with ${name} ${of(name)}`);
    const isRefused = eventsOf(world, order).some(({ event }) => event.type === 'cancel-refused');
    claim(!world.cancelled.has(order.id) || isCancelled || isRefused, 'lost its cancel');
    claim((order.cancelReason !== null) === isCancelled, `has the reason ${order.cancelReason}`);
  } else {
    claim(cancelled === undefined, 'is placed and cancelled at the same time');
    claim(['rejected', 'cancelled'].includes(order.status), `aborted but ${order.status}`);
    claim((order.reason !== null) === (order.status === 'rejected'), `reason ${order.reason}`);
    claim(payment.captured === 0 && payment.authorized === 0, 'holds money');
    claim((payment.credit?.authorized ?? 0) === 0, 'holds store credit');
    for (const { name, undo, pivot } of asked)
      if (undo || pivot) claim(of(name) !== 'done', `aborted with ${name} done`);
  }
  claim(order.disputed === world.disputed.has(order.id), `disputed: ${order.disputed}`);
  const events = eventsOf(world, order);
  const types = events.map(({ event }) => event.type);
  const left = types.indexOf('shipment-moved');
  const isStopped = order.status !== 'delivered' || types.includes('cancel-refused');
  const wasOnItsWay = left >= 0 && left < types.indexOf('disputed');
  claim(!order.disputed || isStopped || wasOnItsWay, 'was disputed and not stopped');
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

/** Whether the order's payment needs a step of its saga. */
const isNeeded = ({ name }: { readonly name: string }, { content, total }: Order): boolean => {
  if (name === 'reserve-credit') return content.credit !== undefined;
  return name !== 'authorize-payment' || content.credit !== total;
};

const eventsOf = (world: Simulation, { id }: Order) =>
  world.store.events.filter(({ streamId }) => streamId === id);

/** How an order ended, and the events that tell more of it than its status. */
function outcomeOf(world: Simulation, order: Order): string {
  const types = eventsOf(world, order).map(({ event }) => event.type);
  if (types.includes('cancel-refused')) return 'cancel refused';
  if (order.returns.some(({ reason }) => reason === 'undeliverable')) return 'undeliverable';
  if (order.returns.length > 0 && order.status === 'delivered')
    return order.payment.refunded > 0 ? 'partly returned' : 'return refused';
  if (order.shipments.length > 1 && order.status === 'delivered') return 'delivered in two parcels';
  if (order.status !== 'cancelled') return order.reason ?? order.status;
  if (!types.includes('confirmed')) return 'cancelled while pending';
  const isRemembered = types.indexOf('cancel-requested') + 1 < types.indexOf('cancelling');
  return isRemembered ? 'cancelled when confirmed' : 'cancelled after it was confirmed';
}

const everyOutcome = [
  'cancel refused',
  'cancelled after it was confirmed',
  'cancelled when confirmed',
  'cancelled while pending',
  'delivered',
  'delivered in two parcels',
  'out_of_stock',
  'partly returned',
  'payment_declined',
  'return refused',
  'returned',
  'shipping_unavailable',
  'timed_out',
  'undeliverable',
];
const [few, all] = [runs(20, 200), 200];

describe('orders among unreliable neighbours', () => {
  it('all settle, once, with their money and stock where they belong', async () => {
    const outcomes: Record<string, number> = {};
    const isMissing = (outcome: string) => outcomes[outcome] === undefined;
    // More seeds than a few only until each outcome has occurred: a rare one needs more, after a change of the saga.
    for (let seed = 1; seed <= few || (seed <= all && everyOutcome.some(isMissing)); seed += 1) {
      const world = await new Simulation(seed).run(ordersEach);
      expect({ seed, broken: broken(world) }).toEqual({ seed, broken: [] });
      for (const order of world.orders()) {
        const outcome = outcomeOf(world, order);
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    }
    // Otherwise the neighbours were not unreliable enough for the test to prove anything.
    expect(Object.keys(outcomes).sort()).toEqual(everyOutcome);
  }, 120_000);
});
