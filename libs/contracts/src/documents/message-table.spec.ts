import { describe, expect, it } from '@jest/globals';
import { ReserveStock } from '../inventory.messages.ts';
import { OrderPlaced, OrderUpdated } from '../order.messages.ts';
import { messageTable } from './message-table.ts';
import { topologyFrom } from './topology.ts';

const contracts = [ReserveStock, OrderPlaced];

describe('the table of messages', () => {
  it('says who says a message, on which channel, and which groups hear it', () => {
    const topology = topologyFrom(
      [
        {
          service: 'order',
          group: 'order',
          subscribesTo: [],
          publishes: ['inventory.reserve-stock'],
        },
        {
          service: 'inventory',
          group: 'inventory',
          subscribesTo: [{ type: 'inventory.reserve-stock', kind: 'command' }],
          publishes: [],
        },
      ],
      contracts,
    );
    const table = messageTable(contracts, topology);
    expect(table).toContain(
      '| `inventory.reserve-stock` v1 | command | `inventory.commands` | order | inventory | JSON | Put the lines of an order aside: all or none. |',
    );
    expect(table).toContain('| `order.placed` v1 | event | `order.events` | – | – |');
  });

  it('says by what a group filters', () => {
    const filter = { status: ['confirmed', 'rejected'], region: ['europe'] };
    const subscribesTo = [{ type: 'order.placed', kind: 'event' as const, filter }];
    const topology = topologyFrom(
      [{ service: 'x', group: 'x.y', subscribesTo, publishes: [] }],
      contracts,
    );
    expect(messageTable(contracts, topology)).toContain(
      '| – | x.y (status: confirmed, rejected; region: europe) |',
    );
  });

  it('says how often a message takes effect, where that is not once', () => {
    const subscribesTo = [
      { type: 'order.placed', kind: 'event' as const, delivery: 'at least once' as const },
    ];
    const counted = { service: 'x', group: 'x.count', subscribesTo, publishes: [] };
    const watching = { service: 'y', group: 'y', subscribesTo: [], publishes: [] };
    const topology = topologyFrom(
      [counted, { ...watching, observes: ['order.updated'] }],
      [OrderPlaced, OrderUpdated],
    );
    const table = messageTable([OrderPlaced, OrderUpdated], topology);
    expect(table).toContain('| `order.events` | – | x.count (at least once) |');
    expect(table).toContain('| `order.live` | – | y (at most once) |');
  });
});

describe('a topology', () => {
  const entry = { service: 'x', group: 'x', subscribesTo: [], publishes: [] };

  it('names only messages that exist, by their kind', () => {
    const subscribed = (type: string, kind: string) => () =>
      topologyFrom([{ ...entry, subscribesTo: [{ type, kind }] }], contracts);
    expect(subscribed('order.placed', 'event')).not.toThrow();
    expect(subscribed('order.placed', 'command')).toThrow(/subscribes to order.placed as command/);
    expect(subscribed('order.vanished', 'event')).toThrow(TypeError);
    const observing = () => topologyFrom([{ ...entry, observes: ['order.placed'] }], contracts);
    expect(observing).toThrow(/no live message/);
    expect(() => topologyFrom([{ ...entry, publishes: ['order.vanished'] }], contracts)).toThrow(
      /no contract/,
    );
  });
});
