import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { freePort, PortInUse } from './free-port.ts';

const server = createServer();
afterEach(() => {
  server.close();
});

it('is any free port that no outgoing connection can take meanwhile', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort(0)));
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThan(32_768);
});

it('is found once, until its finder has had time to listen', async () => {
  const ports = await Promise.all(Array.from({ length: 500 }, () => freePort(0)));
  expect(new Set(ports).size).toBe(500);
});

it('is the port that was asked for, unless it is in use', async () => {
  const port = await freePort(0);
  expect(await freePort(port)).toBe(port);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  await expect(freePort(port)).rejects.toThrow(PortInUse);
});
