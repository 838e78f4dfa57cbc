import { createServer } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import { gatewayProcessConfig } from '@waybill/gateway';
import { definitions } from './definitions.ts';
import { placesOf } from './places.ts';
import { roster } from './roster.ts';

jest.setTimeout(60_000);

const none = { replicas: new Map<string, number>(), port: null, freePorts: true };

describe('the places of processes', () => {
  it('are free ports for everybody, no port twice', async () => {
    const places = await placesOf({ ...none, replicas: new Map([['payment', 3]]) });
    const ports = places.flatMap(({ port, grpcPort }) => [port, ...(grpcPort ? [grpcPort] : [])]);
    expect(new Set(ports).size).toBe(ports.length);
    expect(places.map(({ instance }) => instance)).toEqual([
      ...['payment-provider', 'carriers', 'mail', 'order-1', 'inventory-1'],
      ...['payment-1', 'payment-2', 'payment-3', 'shipping-1', 'notification-1', 'analytics-1'],
      ...['customer-1', 'gateway'],
    ]);
  });

  it('tell who wanted a port that is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(placesOf({ ...none, port })).rejects.toThrow(
      `gateway: port ${port} is in use by another program`,
    );
    await new Promise((resolve) => other.close(resolve));
  });

  it('are where each service listens by itself, and where the gateway looks for it', () => {
    const { urls } = gatewayProcessConfig.parse({});
    for (const { name, kind, port, grpcPort } of roster) {
      if (kind !== 'service') continue;
      const definition = definitions.find((each) => each.name === name);
      expect([name, definition?.port, definition?.grpc?.port]).toEqual([name, port, grpcPort]);
      expect(urls[name as keyof typeof urls]).toEqual([`http://127.0.0.1:${port}`]);
    }
    expect(definitions.map(({ name }) => name)).toEqual(
      roster.filter(({ kind }) => kind === 'service').map(({ name }) => name),
    );
  });
});
