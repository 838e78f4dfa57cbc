import { describe, expect, it } from '@jest/globals';
import { command, event, local } from '@waybill/message';
import { z } from 'zod';
import { checkGroups, groupsFrom, groupsOf } from './groups.ts';
import { on } from './handler.ts';
import { stateTable } from './state.ts';

const options = {
  summary: 'for tests',
  schema: z.strictObject({ id: z.string() }),
  key: () => 'k',
};
const table = stateTable<{ id: string }>({ table: 't', id: 'id' });
const handle = { state: () => 'k', decide: () => ({}) };
const asked = on(command('shop.ask', options), table, handle);
const told = on(event('shop.told', options), table, handle);
const here = on(local('shop.here', options), table, handle);
const separate = (kind: string) => ({ name: kind === 'event' ? 'kafka' : 'rabbitmq' });

describe('groups', () => {
  it('bind each contract by its exact type and any version, and leave local messages at home', () => {
    expect(groupsOf('shop', [asked, here], 4)).toEqual([
      {
        name: 'shop',
        kind: 'command',
        partitions: 4,
        bindings: [{ channel: 'shop.commands', pattern: 'shop.ask.#' }],
      },
    ]);
  });

  it('are the same from what was written down as from the handlers, in whatever order these stand', () => {
    const first = on(event('shop.began', options), table, { ...handle, filter: { size: ['big'] } });
    const written = [
      {
        group: 'shop',
        subscribesTo: [
          { type: 'shop.ask', kind: 'command' as const },
          { type: 'shop.began', kind: 'event' as const, filter: { size: ['big'] } },
          { type: 'shop.quote', kind: 'request' as const },
        ],
      },
      { group: 'silent', subscribesTo: [] },
    ];
    const groups = groupsFrom(written, 4);
    expect(groups).toEqual(groupsOf('shop', [first, asked, here], 4));
    expect(groups[0]).toMatchObject({ kind: 'command', partitions: 4 });
    expect(groups[0]?.bindings).toHaveLength(2);
  });

  it('refuse contracts that live on different brokers', () => {
    expect(() => checkGroups('shop', [asked, told], separate)).toThrow(
      'group shop subscribes to shop.ask on rabbitmq and shop.told on kafka',
    );
  });

  it('take them in groups of their own, or on one broker', () => {
    const apart = { ...told, options: { ...told.options, group: 'shop.facts' } };
    checkGroups('shop', [asked, apart, here], separate);
    checkGroups('shop', [asked, told], () => ({ name: 'embedded' }));
  });
});
