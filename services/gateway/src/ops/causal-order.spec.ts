import { describe, expect, it } from '@jest/globals';
import { inCausalOrder } from './causal-order.ts';

const row = (messageId: string, causationId: string | null) => ({
  messageId,
  causationId,
  name: messageId,
  to: 'x',
});
const order = (...rows: ReturnType<typeof row>[]) =>
  inCausalOrder(rows).map((each) => each.messageId);

describe('causal order', () => {
  it('puts each message after the one that caused it, however they come', () => {
    expect(order(row('c', 'b'), row('b', 'a'), row('a', null))).toEqual(['a', 'b', 'c']);
  });

  it('puts what one message caused side by side', () => {
    expect(order(row('c', 'b'), row('d', 'a'), row('b', 'a'), row('a', null))).toEqual([
      'a',
      'b',
      'd',
      'c',
    ]);
  });

  it('starts a line of its own where the cause was not seen, and ends on a circle', () => {
    expect(order(row('b', 'missing'), row('a', 'b'))).toEqual(['b', 'a']);
    expect(order(row('a', 'b'), row('b', 'a'))).toHaveLength(2);
  });
});
