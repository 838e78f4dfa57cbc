import { describe, expect, it } from '@jest/globals';
import { Environments } from './environments.ts';

const stack = {
  folder: '/stack',
  environment: (service = 'admin') => ({
    DATABASE_URL: `postgres://${service}:secret@127.0.0.1:7432/waybill_${service}`,
    KAFKA_BROKERS: '127.0.0.1:7092',
    KAFKA_USERNAME: service,
    REDIS_URL: 'redis://127.0.0.1:7379',
  }),
};
const none = { folder: '/stack', environment: () => ({}) };

describe('the environment of a process', () => {
  it('has the servers of the stack, each service as a user of its own', () => {
    const environments = new Environments({ SHOP_CURRENCY: 'EUR' }, stack, 'mixed');
    expect(environments.of('order')).toEqual({
      SHOP_CURRENCY: 'EUR',
      BROKERS: 'mixed',
      DATABASE_URL: 'postgres://order:secret@127.0.0.1:7432/waybill_order',
      KAFKA_BROKERS: '127.0.0.1:7092',
      KAFKA_USERNAME: 'order',
      REDIS_URL: 'redis://127.0.0.1:7379',
      DISK_FOLDER: '/stack',
    });
    expect(environments.of()).toMatchObject({ KAFKA_USERNAME: 'admin' });
  });

  it('takes a server that is given whole: nothing of the other one is mixed in', () => {
    const given = { KAFKA_BROKERS: 'kafka:9092', REDIS_URL: '' };
    const env = new Environments(given, stack, 'kafka').of('order');
    expect(env).toMatchObject({ KAFKA_BROKERS: 'kafka:9092', REDIS_URL: 'redis://127.0.0.1:7379' });
    expect(env).not.toHaveProperty('KAFKA_USERNAME');
  });

  it('gives each service a database of its own on a server that is given', () => {
    const given = {
      DATABASE_URL: 'postgres://shop:s%40@db:5432/postgres?ssl=true',
      PAYMENT_DATABASE_URL: 'postgres://pay@elsewhere/money',
    };
    const environments = new Environments(given, stack, 'mixed');
    expect(environments.of('order')['DATABASE_URL']).toBe(
      'postgres://shop:s%40@db:5432/waybill_order?ssl=true',
    );
    expect(environments.of('payment')['DATABASE_URL']).toBe('postgres://pay@elsewhere/money');
  });

  it('watches the disk of the database where that is on this machine, unless another is named', () => {
    const given = { DISK_FOLDER: '/mnt/data' };
    expect(new Environments(given, stack, 'mixed').of('order')['DISK_FOLDER']).toBe('/mnt/data');
    const elsewhere = { DATABASE_URL: 'postgres://shop@db/postgres' };
    expect(new Environments(elsewhere, stack, 'mixed').of('order')).not.toHaveProperty(
      'DISK_FOLDER',
    );
  });

  it('lets a service into its database as itself where it has a password', () => {
    const given = { DATABASE_URL: 'postgres://admin:top@db/postgres', ORDER_PASSWORD: 's@lt' };
    const environments = new Environments(given, none, 'mixed');
    expect(environments.of('order')['DATABASE_URL']).toBe(
      'postgres://order:s%40lt@db/waybill_order',
    );
    expect(environments.of('payment')['DATABASE_URL']).toBe(
      'postgres://admin:top@db/waybill_payment',
    );
  });

  it('lacks what nobody gives, and what is meant for one process alone', () => {
    const given = { PORT: '1', HOST: '0.0.0.0', WAYBILL_DATA: '/x', WAYBILL_INSTANCE: 'y' };
    expect(new Environments(given, none, 'mixed').of('order')).toEqual({ BROKERS: 'mixed' });
  });
});
