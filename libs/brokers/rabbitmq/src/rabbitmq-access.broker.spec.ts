import process from 'node:process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type RabbitMqBroker, rabbitmqBroker } from './rabbitmq-broker.ts';
import type { RabbitMqOptions } from './rabbitmq-options.ts';

jest.setTimeout(20_000);

describe('who may connect to RabbitMQ', () => {
  const made: RabbitMqBroker[] = [];
  afterEach(async () => {
    await Promise.all(made.splice(0).map((broker) => broker.close()));
  });

  /** The message of the error that the first `declare` fails with. */
  const toldFor = async (change: (url: URL) => void, more: Partial<RabbitMqOptions> = {}) => {
    const url = new URL(process.env['RABBITMQ_URL'] ?? '');
    change(url);
    const broker = rabbitmqBroker({ url: url.href, service: 'test', ...more });
    made.push(broker);
    const error = await broker.declare([]).then(
      () => null,
      (told: Error) => told,
    );
    return error?.message ?? 'it connected';
  };

  it('connects with the right URL', async () => {
    expect(await toldFor(() => undefined)).toBe('it connected');
  });

  it('a wrong password is told in one line, without it', async () => {
    const told = await toldFor((url) => {
      url.password = 'not-the-password';
    });
    expect(told).toMatch(
      /^RABBITMQ_URL is not what RabbitMQ at [\w.:/]+ accepts: user or password is wrong$/,
    );
    expect(told).not.toContain('not-the-password');
  });

  it('a virtual host that is not there is told', async () => {
    const told = await toldFor((url) => {
      url.pathname = '/no-such-host';
    });
    expect(told).toMatch(
      /^RABBITMQ_URL names a virtual host that is not there or not for this user/,
    );
  });

  it('a port where nobody listens is told', async () => {
    const told = await toldFor((url) => {
      url.port = '1';
    });
    expect(told).toMatch(/^RABBITMQ_URL: nothing answers at [\w.:/]+ \(ECONNREFUSED\)$/);
  });

  it('a host that does not exist is told', async () => {
    const told = await toldFor((url) => {
      url.hostname = 'no-such-host.invalid';
    });
    expect(told).toMatch(/^RABBITMQ_URL: nothing answers at no-such-host\.invalid/);
  });

  it('TLS where there is none is told', async () => {
    const secure = (process.env['RABBITMQ_URL'] ?? '').replace(/^amqp:/, 'amqps:');
    const broker = rabbitmqBroker({ url: secure, service: 'test' });
    made.push(broker);
    await expect(broker.declare([])).rejects.toThrow(/^RABBITMQ_URL says amqps, but /);
  });

  it('what is no URL, and a file that is not there, are told by their settings', async () => {
    const broker = (options: Partial<RabbitMqOptions>) =>
      rabbitmqBroker({ url: 'amqps://localhost', service: 'test', ...options });
    await expect(broker({ url: 'localhost' }).declare([])).rejects.toThrow(/^RABBITMQ_URL /);
    await expect(broker({ url: 'http://localhost' }).declare([])).rejects.toThrow(
      'RABBITMQ_URL begins with http:// instead of amqp:// or amqps://',
    );
    await expect(broker({ caFile: '/no/such/file.pem' }).declare([])).rejects.toThrow(
      'RABBITMQ_CA_FILE cannot be read: ENOENT',
    );
  });
});
