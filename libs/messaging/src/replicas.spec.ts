import { describe, expect, it } from '@jest/globals';
import { command, local } from '@waybill/message';
import { z } from 'zod';
import { type Handler, on } from './handler.ts';
import { stateTable } from './state.ts';
import { ConsumerBench } from './testing/consumer-bench.ts';

const kept = {
  key: (data: { id: string }) => data.id,
  summary: 'for tests',
  schema: z.strictObject({ id: z.string() }),
};
const Open = local('shop.open', kept);
const Close = local('shop.close', kept);
const Buy = command('shop.buy', kept);
const Order = command('shop.order', kept);

interface Door {
  id: string;
  open: boolean;
  bought: number;
}
const doors = stateTable<Door>({
  table: 'doors',
  id: 'id',
});
const orders = stateTable<{ id: string; price: string }>({
  table: 'orders',
  id: 'id',
});

const state = ({ id }: { id: string }) => id;
const turn = (contract: typeof Open, to: boolean): Handler =>
  on(contract, doors, {
    state,
    decide: (door, { id }) => {
      if (door?.open === to) throw new Error(`it is ${to ? 'open' : 'closed'} already`);
      return {
        changes: [doors.put({ id, open: to, bought: door?.bought ?? 0 })],
        answer: 'turned',
      };
    },
  });
/** Sells only while the door is open; otherwise changes nothing. */
const buy = on(Buy, doors, {
  state,
  decide: (door) =>
    door?.open ? { changes: [doors.put({ ...door, bought: door.bought + 1 })] } : {},
});
/** Reads another state, and writes only its own. */
const order = on(Order, orders, {
  state,
  also: ({ id }) => [doors.at(id)],
  decide: (_, { id }, { read }) => ({
    changes: [orders.put({ id, price: read(doors.at(id))?.open ? 'open' : 'closed' })],
  }),
});
const handlers = [turn(Open, true), turn(Close, false), buy, order];

/** Two processes of one service on one database; the first owns the partition. */
async function replicas() {
  const one = new ConsumerBench(handlers);
  const two = new ConsumerBench(handlers, { store: one.store, clock: one.clock });
  await one.start();
  await two.consumer.start();
  const call = async (bench: ConsumerBench, contract: typeof Open) => {
    const [answer] = await Promise.all([
      bench.consumer.submit(contract({ id: 'a' })).catch((error: Error) => error.message),
      bench.quiet(),
    ]);
    return answer;
  };
  const door = () => one.store.states.get('doors/a')?.value as Door | undefined;
  return { one, two, call, door };
}

describe('a state that another replica has changed', () => {
  it('is not taken from memory for a decision that changes nothing', async () => {
    const { one, two, call, door } = await replicas();
    await call(one, Open);
    await call(one, Close);
    await call(two, Open);
    one.deliver(Buy({ id: 'a' }));
    await one.quiet();
    expect(door()).toMatchObject({ open: true, bought: 1 });
  });

  it('is not taken from memory for the refusal of a caller', async () => {
    const { one, two, call } = await replicas();
    await call(one, Open);
    await call(two, Close);
    expect(await call(one, Open)).toBe('turned');
    expect(await call(one, Open)).toBe('it is open already');
  });

  it('is not taken from memory when a decision only looks at it', async () => {
    const { one, two, call } = await replicas();
    await call(one, Open);
    await call(two, Close);
    one.deliver(Order({ id: 'a' }));
    await one.quiet();
    expect(one.store.states.get('orders/a')?.value).toMatchObject({ price: 'closed' });
  });

  it('is not overwritten', async () => {
    const { one, two, call, door } = await replicas();
    await call(one, Open);
    one.deliver(Buy({ id: 'a' }));
    await one.quiet();
    await call(two, Close);
    await call(two, Open);
    one.deliver(Buy({ id: 'a' }));
    await one.quiet();
    expect(door()).toMatchObject({ open: true, bought: 2 });
    expect(one.store.states.get('doors/a')?.version).toBe(5);
  });
});

describe('a message that two replicas have in hand', () => {
  it('has one effect when its caller came to both', async () => {
    const { one, two } = await replicas();
    const options = { id: '01900000-0000-7000-8000-000000000001' };
    const answers = Promise.allSettled([
      one.consumer.submit(Open({ id: 'a' }), options),
      two.consumer.submit(Open({ id: 'a' }), options),
    ]);
    await one.quiet();
    expect((await answers)[0]?.status).toBe('fulfilled');
    expect(one.store.states.get('doors/a')?.version).toBe(1);
  });
});
