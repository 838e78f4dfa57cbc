import { describe, expect, it } from '@jest/globals';
import { newId } from '@waybill/message';
import { type Binding, topicPattern } from '@waybill/messaging';
import { admits, selectionOf } from './filter-policy.ts';
import { pack } from './wire.ts';

type Bound = Pick<Binding, 'pattern' | 'filter'>;

const patterns = [
  '#',
  'order.#',
  'order.placed.v1',
  'order.*',
  '*.placed.#',
  'a.#.z',
  'order.*.v1.#',
];
const filters: readonly (Bound['filter'] | undefined)[] = [
  undefined,
  { region: ['europe', 'world'] },
  { region: ['europe'], band: ['high'] },
  { id: ['x'] },
  { a: ['1'], b: ['1'], c: ['1'], d: ['1'] },
  { 'no such name!': ['x'] },
  { region: ['\u0000'] },
];
const bindings: readonly Bound[] = patterns.flatMap((pattern) =>
  filters.map((filter) => (filter ? { pattern, filter } : { pattern })),
);
const routingKeys = ['order', 'order.placed', 'order.placed.v1', 'orders.placed', 'a.z', 'a.b.c.z'];
const attributes: readonly Readonly<Record<string, string>>[] = [
  {},
  { region: 'europe' },
  { region: 'world', band: 'high' },
  { region: 'europe', band: 'high', note: 'more' },
  { id: 'x' },
  { a: '1', b: '1', c: '1', d: '1' },
  { a: '1', b: '1', c: '1', d: '1', region: 'europe', band: 'high' },
  { 'no such name!': 'x' },
  { region: '\u0000' },
  { region: '' },
];

function outgoing(routingKey: string, its: Readonly<Record<string, string>>) {
  const id = newId();
  const envelope = {
    id,
    type: 'order.placed',
    version: 1,
    kind: 'event' as const,
    occurredAt: new Date().toISOString(),
    key: 'k',
    correlationId: id,
    causationId: null,
    traceparent: null,
    priority: 'normal' as const,
    expiresAt: null,
    source: 'shop',
    sequence: null,
    attributes: its,
    routingKey,
    data: {},
  };
  return { channel: 'order.events', envelope, body: 'x' };
}

/** The attributes of a message as SNS sees them. */
const seen = (message: ReturnType<typeof outgoing>) =>
  Object.fromEntries(
    Object.entries(pack(message).attributes).map(([name, { StringValue = '' }]) => [
      name,
      StringValue,
    ]),
  );
const wants = ({ pattern, filter }: Bound, { envelope }: ReturnType<typeof outgoing>): boolean =>
  topicPattern(pattern)(envelope.routingKey) &&
  Object.entries(filter ?? {}).every(([name, values]) =>
    values.includes(envelope.attributes[name] ?? '\u0001'),
  );

describe('a filter policy', () => {
  const messages = routingKeys.flatMap((key) => attributes.map((each) => outgoing(key, each)));
  const groups = [
    ...bindings.map((binding) => [binding]),
    ...bindings.flatMap((one, n) => [[one, bindings[(n * 7 + 3) % bindings.length] as Bound]]),
  ];

  it('never keeps back what a binding wants, and what it lets through is checked', () => {
    for (const group of groups) {
      const { policy, matches } = selectionOf(group);
      for (const message of messages) {
        const wanted = group.some((binding) => wants(binding, message));
        expect([group, matches(message.envelope)]).toEqual([group, wanted]);
        if (wanted) expect([group, admits(policy, seen(message))]).toEqual([group, true]);
      }
    }
  });

  it('lets through just what is wanted when it says so, but for what overflows', () => {
    let exact = 0;
    for (const group of groups) {
      const { policy, exact: isExact } = selectionOf(group);
      if (!isExact) continue;
      exact += 1;
      for (const message of messages.filter((each) => !seen(each)['overflow'])) {
        const wanted = group.some((binding) => wants(binding, message));
        expect([group, admits(policy, seen(message))]).toEqual([group, wanted]);
      }
    }
    expect(exact).toBeGreaterThan(10);
  });

  it('has at most five names and 150 values, whatever is bound', () => {
    const many = Array.from({ length: 200 }, (_, n) => ({ pattern: `order.thing-${n}.#` }));
    expect(selectionOf(many)).toMatchObject({ policy: '{}', exact: false });
    const values = Array.from({ length: 30 }, (_, n) => `${n}`);
    const wide = selectionOf([{ pattern: '#', filter: { a: values, b: values } }]);
    expect(wide).toMatchObject({ policy: '{}', exact: false });
    const names = { a: ['1'], b: ['1'], c: ['1'], d: ['1'] };
    expect(selectionOf([{ pattern: 'order.#', filter: names }])).toMatchObject({
      policy: '{"routingKey":["order",{"prefix":"order."}]}',
      exact: false,
    });
  });

  it('is what SNS takes for the groups that hear announcements', () => {
    const binding = { pattern: 'order.announced.#', filter: { status: ['confirmed', 'shipped'] } };
    const routingKey = ['order.announced', { prefix: 'order.announced.' }];
    expect(JSON.parse(selectionOf([binding]).policy)).toEqual({
      $or: [
        { routingKey, status: ['confirmed', 'shipped'] },
        { routingKey, overflow: ['yes'] },
      ],
    });
    expect(selectionOf([{ pattern: '#' }])).toMatchObject({ policy: '{}', exact: true });
  });
});
