import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { redisCommands } from '@waybill/redis';
import { certificatesIn, type TemporaryStack, temporaryStack } from '@waybill/stack';
import { Client } from 'pg';
import type { Settings } from '../system/main-process.ts';
import { ProcessSystem } from '../system/process-system.ts';

/** No server is given, so each process uses the stack's user for its service. */
const nothingGiven = {
  BROKER_NAMESPACE: '',
  DATABASE_URL: '',
  KAFKA_BROKERS: '',
  RABBITMQ_URL: '',
  REDIS_URL: '',
  AWS_ENDPOINT_URL: '',
  AWS_REGION: '',
  AWS_ACCESS_KEY_ID: '',
  AWS_SECRET_ACCESS_KEY: '',
};

/** Uses the servers' certificates, because they are valid for this machine. */
function byTls(folder: string): Settings {
  const { certificate, key, ca } = certificatesIn(folder);
  return { TLS_CERT_FILE: certificate, TLS_KEY_FILE: key, NODE_EXTRA_CA_CERTS: ca };
}

describe('servers that let each service in as a user of its own by TLS, and services that ask each other by TLS', () => {
  let servers: TemporaryStack;
  let system: ProcessSystem;
  jest.setTimeout(600_000);
  beforeAll(async () => {
    servers = temporaryStack();
    const options = { freePorts: true, secure: true, tls: true };
    expect(await servers.stack.up(undefined, options)).toEqual([]);
    system = await ProcessSystem.start({
      env: { ...nothingGiven, STACK_DATA: servers.stack.folder, ...byTls(servers.stack.folder) },
    });
  });
  afterAll(async () => {
    await system?.dispose();
    await servers.remove();
  });

  it('carry orders to their end over every broker', async () => {
    const ada = await system.as('ada');
    const placed = await ada.placeOrder();
    expect(placed.status).toBe(202);
    expect(await ada.settled(placed.body.id)).toMatchObject({ status: 'confirmed' });
    expect(await ada.buy({ payment: { method: 'card', token: 'tok_declined' } })).toMatchObject({
      status: 'rejected',
      reason: 'payment_declined',
    });
  });

  it('let what is delayed and tried again come back', async () => {
    const ada = await system.as('ada');
    const late = await ada.buy({ payment: { method: 'card', token: 'tok_error_then_success' } });
    expect(late).toMatchObject({ status: 'confirmed' });
  });

  it('leave nothing between services in the clear', async () => {
    const services = system.processes().filter(({ url }) => url.startsWith('https:'));
    expect(services.map(({ name }) => name).sort()).toEqual(Object.keys(system.databases).sort());
    for (const { url } of services) {
      await expect(fetch(url.replace('https:', 'http:'))).rejects.toThrow('fetch failed');
    }
    const open = await Promise.all(
      Object.values(system.databases).map(async (connectionString) => {
        const client = new Client({ connectionString });
        await client.connect();
        const inTheClear = `select application_name from pg_stat_activity join pg_stat_ssl using (pid)
          where backend_type = 'client backend' and not ssl`;
        const { rows } = await client.query(inTheClear).finally(() => client.end());
        return rows;
      }),
    );
    expect(open.flat()).toEqual([]);
  });

  it('let announcements, catalogue and analytics have what they hear', async () => {
    expect(await system.verify()).toEqual([]);
  });

  it('ask Redis for nothing that their users may not have', async () => {
    const { REDIS_URL: url = '', REDIS_CA_FILE: caFile = '' } = servers.stack.environment();
    const admin = redisCommands({ url, caFile, service: 'test' });
    try {
      await admin.open();
      expect(await admin.client.acl('LOG')).toEqual([]);
    } finally {
      await admin.close();
    }
  });
});
