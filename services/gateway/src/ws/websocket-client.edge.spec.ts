import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import { SocketSystem } from '../testing/socket-system.ts';

const example = new URL('../../../../examples/websocket-client/watch.js', import.meta.url);
const orderId = '01980000-0000-7000-8000-000000000001';

const system = new SocketSystem();
let client: ChildProcess | undefined;
afterEach(async () => {
  client?.kill();
  await system.close();
});

it('the example prints each version once, also those that come while the order service is lost', async () => {
  await system.start();
  system.feeds.advance(orderId);
  client = spawn(process.execPath, [fileURLToPath(example), system.url, 'ada', orderId]);
  let printed = '';
  client.stdout?.on('data', (bytes) => {
    printed += String(bytes);
  });
  await until(() => printed.includes('version 1'));
  system.feeds.cut();
  system.feeds.advance(orderId);
  await until(() => printed.includes('version 2'));
  expect(printed).toBe('version 1: pending\nversion 2: pending\n');
});
