import { encode, type Message, newId, wrap } from '@waybill/message';
import type { Handler } from '../handler.ts';
import type { DeferredRow } from '../store.ts';
import { type Origin, readWork, type Work } from '../work.ts';
import { Add, AddHere, adding } from './counters.fixture.ts';
import { HandClock } from './hand-clock.ts';

export const clock = new HandClock();

/** Of the numbers to add, 13 fails and is retried, and 66 fails for good. */
export const picky = (contract: typeof Add): Handler =>
  adding(contract, (n) => {
    if (n === 13) return new Error('not yet');
    return n === 66 ? Object.assign(new Error('never'), { retriable: false }) : undefined;
  });

/** The origin of a message from a broker; `told` records how it was settled. */
export const fromBroker = (told: string[] = []): Origin => ({
  from: 'broker',
  delivery: { ack: () => told.push('ack'), giveBack: () => told.push('back') },
});
export const fromCaller = (told: unknown[] = []): Origin => ({
  from: 'caller',
  resolve: (answer) => told.push(answer),
  reject: (error) => told.push(error),
});
export const fromTable = (reason: DeferredRow['reason'] = 'retry'): Origin => ({
  from: 'parked',
  row: { group: 'shop', messageId: newId(), reason } as DeferredRow,
});

const source = {
  group: 'shop',
  channel: 'shop.commands',
  broker: 'bench',
  partition: 0,
  firstAt: clock.now().getTime(),
  arrivedAt: clock.now().getTime(),
  attempt: 0,
};

/** A received message as its group reads it. */
export function workOf(
  message: Message,
  origin: Origin,
  { handler = picky(Add), id = newId() }: { handler?: Handler; id?: string } = {},
): Work {
  const cause = { id, correlationId: id, traceparent: null };
  const envelope = {
    ...wrap(message, { cause, source: 'order', now: clock.now(), name: '0' }),
    id,
  };
  const handlers = [handler, picky(AddHere)].map((each) => [each.contract.type, each] as const);
  return readWork({ ...source, body: encode(envelope), origin }, new Map(handlers));
}

/** A message that adds `n`. */
export const add = (n: number, origin: Origin = fromBroker(), key = 'a'): Work =>
  workOf(Add({ id: key, n }), origin);

/** Bytes that are not an envelope. */
export const junk = (origin: Origin = fromBroker()): Work =>
  readWork({ ...source, body: '{', origin }, new Map());
