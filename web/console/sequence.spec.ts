import { describe, expect, it } from '@jest/globals';
import { type Hop, isPlain, remarksOn, sequenceOf } from './sequence.ts';

let count = 0;
const hop = (parts: Partial<Hop>): Hop => {
  count += 1;
  return {
    at: '2026-01-01T00:00:00.000Z',
    kind: 'command',
    name: 'inventory.reserve-stock',
    from: 'order',
    to: 'inventory',
    broker: 'embedded',
    channel: 'inventory.commands',
    messageId: `m${count}`,
    causationId: null,
    traceId: '0',
    attempt: 0,
    durationMs: 1,
    group: 'inventory',
    outcome: 'applied',
    ...parts,
  };
};

const accepted = hop({
  kind: 'http',
  name: 'order.accept-order',
  to: 'order',
  messageId: 'accept',
});
const placed = hop({ kind: 'event', name: 'order.placed', to: 'analytics' });
const authorize = hop({ name: 'payment.authorize-payment', to: 'payment', messageId: 'pay' });
const charge = hop({ kind: 'effect', from: 'payment', to: 'payment-provider', causationId: 'pay' });
const refused = hop({
  kind: 'reply',
  from: 'payment',
  to: 'order',
  messageId: 'no',
  causationId: 'pay',
});

/** A saga that learns of a refusal, and takes a reservation back. */
const failed = hop({
  kind: 'saga',
  name: 'place-order.authorize-payment.failed',
  messageId: 's1',
  causationId: 'no',
});
const undoSent = hop({
  kind: 'saga',
  name: 'place-order.reserve-stock.undo-sent',
  messageId: 's2',
  causationId: 's1',
});
const release = hop({ name: 'inventory.release-stock', messageId: 'release', causationId: 'no' });
const released = hop({
  kind: 'reply',
  name: 'inventory.stock-released',
  from: 'inventory',
  to: 'order',
  causationId: 'release',
});

const journey = [
  accepted,
  placed,
  hop({}),
  authorize,
  charge,
  refused,
  failed,
  undoSent,
  release,
  released,
];

describe('the sequence of a journey', () => {
  it('has who orders at the left, whom a service calls beside it, and who only listens at the end', () => {
    expect(sequenceOf(journey).participants).toEqual([
      'client',
      'order',
      'inventory',
      'payment',
      'payment-provider',
      'analytics',
    ]);
  });

  it('draws a request from its client, and each other message from its sender', () => {
    const { participants, arrows } = sequenceOf(journey);
    const ends = arrows.map(({ from, to }) => `${participants[from]} ${participants[to]}`);
    expect(ends.slice(0, 2)).toEqual(['client order', 'order analytics']);
    expect(ends[4]).toBe('payment payment-provider');
  });

  it('knows what a saga undoes: the command, what answers it, and the line about it', () => {
    const undone = sequenceOf(journey).arrows.filter(({ isUndo }) => isUndo);
    expect(undone.map(({ hop: { messageId } }) => messageId)).toEqual([
      undoSent.messageId,
      release.messageId,
      released.messageId,
    ]);
  });

  it('shows a line of a saga only where no message does', () => {
    const { arrows } = sequenceOf(journey);
    expect(arrows.filter(isPlain).map(({ hop: { name } }) => name)).toEqual([undoSent.name]);
  });

  it('of nothing is empty', () => {
    expect(sequenceOf([])).toEqual({ participants: [], arrows: [] });
  });
});

it.each([
  [{}, []],
  [{ attempt: 1 }, ['after 1 failure']],
  [{ attempt: 2 }, ['after 2 failures']],
  [{ outcome: 'deferred' }, ['deferred']],
  [{ outcome: 'deferred', attempt: 3 }, ['deferred after 3 attempts']],
  [{ outcome: 'dead', attempt: 5 }, ['dead letter after 5 attempts']],
])('a hop with %j is remarked on with %j', (parts, remarks) => {
  expect(remarksOn(hop(parts))).toEqual(remarks);
});
