import { expect, it } from '@jest/globals';
import type { ServerStatus } from './managed-server.ts';
import { statusTable } from './status-table.ts';

const status = (parts: Partial<ServerStatus>): ServerStatus => ({
  name: 'redis',
  state: 'up',
  version: '7.0.15',
  pid: 4711,
  ports: { main: 7379 },
  url: 'redis://127.0.0.1:7379',
  missing: undefined,
  ...parts,
});

it('shows a row a server, an address only of those that are up, and what is missing below', () => {
  const missing = { what: 'rabbitmq-server', apt: ['rabbitmq-server'], brew: [] };
  const table = statusTable(
    [
      status({}),
      status({ name: 'kafka', state: 'crashed', version: '4.1.1', pid: undefined }),
      status({ name: 'rabbitmq', state: 'not installed', version: '', pid: undefined, missing }),
    ],
    'apt',
  );
  expect(table.split('\n')).toEqual([
    'server    state          version  pid   port  address',
    'redis     up             7.0.15   4711  7379  redis://127.0.0.1:7379',
    'kafka     crashed        4.1.1    -     7379  -',
    'rabbitmq  not installed  -        -     7379  -',
    'rabbitmq: rabbitmq-server is not installed: apt-get install rabbitmq-server',
  ]);
});
