import { createServer, type Server } from 'node:net';
import process from 'node:process';
import { afterEach, expect, it } from '@jest/globals';
import { chosenPorts, freePorts, parsePorts, requireFree } from './port.ts';
import { inodesOf } from './port-holder.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

function listen(): Promise<number> {
  const server = createServer();
  open.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

it('reads ports of servers and of their roles', () => {
  expect([...parsePorts('kafka=9092, rabbitmq.management=9001,')]).toEqual([
    ['kafka', 9092],
    ['rabbitmq.management', 9001],
  ]);
});

it.each(['kafka', 'kafka=', 'kafka=x', 'kafka=0', 'kafka=65536', '=1', 'KAFKA=1'])(
  'refuses "%s" and shows how it is meant',
  (text) => {
    expect(() => parsePorts(text)).toThrow(`"${text}" is not a port`);
  },
);

it('takes defaults, what a server had before, and what is asked for, the last first', () => {
  const defaults = { main: 7092, controller: 7093 };
  const asked = (text: string) => chosenPorts('kafka', defaults, parsePorts(text), { main: 8000 });
  expect(chosenPorts('kafka', defaults, new Map())).toEqual(defaults);
  expect(asked('')).toEqual({ main: 8000, controller: 7093 });
  expect(asked('kafka=9092')).toEqual({ main: 9092, controller: 9093 });
  expect(asked('kafka=9092,kafka.controller=9500')).toEqual({ main: 9092, controller: 9500 });
  expect(asked('redis=9092')).toEqual({ main: 8000, controller: 7093 });
});

it('names a port that is taken, who has it, and the option for another', async () => {
  const port = await listen();
  const free = (await freePorts(['main']))['main'] as number;
  await expect(requireFree('kafka', { main: free })).resolves.toBeUndefined();
  await expect(requireFree('kafka', { main: free, controller: port })).rejects.toThrow(
    `port ${port} is in use by node (process ${process.pid}): choose another with STACK_PORTS=kafka.controller=<port>`,
  );
  await expect(requireFree('kafka', { main: port })).rejects.toThrow('STACK_PORTS=kafka=<port>');
});

it('finds free ports that outgoing connections do not use', async () => {
  const ports = Object.values(await freePorts(['main', 'controller', 'epmd']));
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) expect(port >= 20_000 && port < 32_000).toBe(true);
});

it('finds those who listen in the table of the kernel, and not those who are connected', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1BB4 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1
   1: 0100007F:1BB4 0100007F:9000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1
   2: 0100007F:11BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1`;
  expect(inodesOf(table, 0x1bb4)).toEqual(['4711']);
  expect(inodesOf(table, 1)).toEqual([]);
});
