import { describe, expect, it } from '@jest/globals';
import { ReserveStock } from '../inventory.messages.ts';
import { OrderPlaced } from '../order.messages.ts';
import { messageTable } from './message-table.ts';
import { topologyFrom } from './topology.ts';

const contracts = [ReserveStock, OrderPlaced];

describe('the table of messages', () => {
  it('says who says a message, on which channel, and which groups hear it', () => {
    const topology = topologyFrom(
      [
        { service: 'order', group: 'order', hears: [], says: ['inventory.reserve-stock'] },
        {
          service: 'inventory',
          group: 'inventory',
          hears: [{ type: 'inventory.reserve-stock', kind: 'command' }],
          says: [],
        },
      ],
      contracts,
    );
    const table = messageTable(contracts, topology);
    expect(table).toContain(
      '| `inventory.reserve-stock` v1 | command | `inventory.commands` | order | inventory | Put the lines of an order aside: all or none. |',
    );
    expect(table).toContain('| `order.placed` v1 | event | `order.events` | – | – |');
  });

  it('says by what a group filters', () => {
    const filter = { status: ['confirmed', 'rejected'], region: ['europe'] };
    const hears = [{ type: 'order.placed', kind: 'event' as const, filter }];
    const topology = topologyFrom([{ service: 'x', group: 'x.y', hears, says: [] }], contracts);
    expect(messageTable(contracts, topology)).toContain(
      '| – | x.y (status: confirmed, rejected; region: europe) |',
    );
  });
});

describe('a topology', () => {
  const entry = { service: 'x', group: 'x', hears: [], says: [] };

  it('names only messages that exist, by their kind', () => {
    const heard = (type: string, kind: string) => () =>
      topologyFrom([{ ...entry, hears: [{ type, kind }] }], contracts);
    expect(heard('order.placed', 'event')).not.toThrow();
    expect(heard('order.placed', 'command')).toThrow(/hears order.placed as command/);
    expect(heard('order.vanished', 'event')).toThrow(TypeError);
    expect(() => topologyFrom([{ ...entry, says: ['order.vanished'] }], contracts)).toThrow(
      /no contract/,
    );
  });
});
