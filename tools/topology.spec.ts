import { beforeAll, describe, expect, it } from '@jest/globals';
import { allContracts } from '@waybill/contracts';
import type { Topology } from '@waybill/contracts/documents';
import { contractDocuments } from './contract-documents.ts';
import {
  choreography,
  orderFlowPictures,
  stateDiagram,
  withPicture,
} from './order-flow-pictures.ts';
import { topologyOfServices } from './topology.ts';

let topology: Topology;
beforeAll(async () => {
  topology = await topologyOfServices();
}, 60_000);

describe('the topology of the services', () => {
  it('finds groups of their own, filters, and answers to requests', () => {
    const group = (name: string) => topology.find((each) => each.group === name)?.subscribesTo;
    expect(group('order.catalogue')).toEqual([
      { type: 'inventory.product-changed', kind: 'event' },
      { type: 'inventory.product-withdrawn', kind: 'event' },
    ]);
    expect(group('analytics.orders')?.[0]?.filter).toEqual({ status: ['confirmed'] });
    expect(group('inventory')).toContainEqual({ type: 'inventory.find-products', kind: 'request' });
  });

  it('has a group for every command, task and reply that somebody says', () => {
    const subscribed = new Set(
      topology.flatMap(({ subscribesTo }) => subscribesTo.map(({ type }) => type)),
    );
    const needsSubscriber = allContracts.filter(({ kind }) =>
      ['command', 'task', 'reply', 'request'].includes(kind),
    );
    const published = new Set(topology.flatMap(({ publishes }) => publishes));
    const lost = needsSubscriber.filter(({ type }) => published.has(type) && !subscribed.has(type));
    expect(lost.map(({ type }) => type)).toEqual([]);
  });

  it('has a publisher for every message that has a subscriber', () => {
    const published = new Set(topology.flatMap(({ publishes }) => publishes));
    const silent = topology.flatMap(({ subscribesTo }) =>
      subscribesTo.filter(({ type }) => !published.has(type)),
    );
    expect(silent.map(({ type }) => type)).toEqual([]);
  });
});

describe('a generated file', () => {
  it('is fresh', () => {
    const { problems, files } = contractDocuments(topology);
    expect(problems).toEqual([]);
    const stale = [...files, orderFlowPictures(topology)].filter(({ isStale }) => isStale);
    expect(stale.map(({ path }) => path)).toEqual([]);
  });
});

describe('a picture of a page', () => {
  it('draws the states of an order from their transitions', () => {
    expect(stateDiagram({ open: ['closed'], closed: [] })).toBe(
      'stateDiagram-v2\n  [*] --> open\n  open --> closed\n  closed --> [*]\n',
    );
  });

  it('draws a choreography from the groups that react to its messages', () => {
    const reacts = (group: string, type: string) => ({
      group,
      subscribesTo: [{ type, kind: 'event' as const }],
    });
    const groups = [reacts('stock', 'low'), reacts('books', 'came')];
    expect(choreography(['low', 'a truck', 'came'], groups).split('\n')).toEqual([
      'flowchart TD',
      '  m0(["low"])',
      '  m0 --> g0_0[stock]',
      '  g0_0 --> m1',
      '  m1(["a truck"])',
      '  m1 --> m2',
      '  m2(["came"])',
      '  m2 --> g2_0[books]',
      '',
    ]);
  });

  it('replaces what stands between its comments, and nothing else', () => {
    const page = 'a\n<!-- generated picture: x -->\nold\n<!-- end of x -->\nb\n';
    const next = withPicture(page, 'x', 'new\n');
    expect(next).toBe(
      'a\n<!-- generated picture: x -->\n```mermaid\nnew\n```\n<!-- end of x -->\nb\n',
    );
    expect(withPicture(next, 'x', 'new\n')).toBe(next);
    expect(() => withPicture(page, 'y', 'new\n')).toThrow(/no place/);
  });
});
