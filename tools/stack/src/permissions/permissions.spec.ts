import { expect, it } from '@jest/globals';
import { declaredTopology } from '@waybill/contracts/topology';
import kafkajs from 'kafkajs';
import type { Users } from '../users.ts';
import { aclOf } from './kafka-acl.ts';
import { statementsFor } from './postgres-roles.ts';
import { passwordHash, permissionOf, rabbitmqDefinitions } from './rabbitmq-users.ts';
import { redisAcl } from './redis-acl.ts';
import { rightsOf } from './rights.ts';

const users: Users = {
  services: ['order', 'payment'],
  withDatabase: ['order', 'payment'],
  topology: declaredTopology(),
  password: (user) => `secret-of-${user}`,
};
const payment = rightsOf('payment', declaredTopology());
const order = rightsOf('order', declaredTopology());

it('gives a service the channels that it publishes and subscribes to, and the requests that it answers separately', () => {
  expect(payment).toEqual({
    groups: ['payment'],
    publishes: ['order.replies', 'payment.commands', 'payment.events', 'payment.replies'],
    unsubscribed: [],
    updates: ['customer.live'],
    receives: ['payment.commands'],
    answers: [],
  });
  expect(order.groups).toEqual(['order', 'order.catalogue', 'order.payments', 'order.shipments']);
  expect(rightsOf('inventory', declaredTopology()).answers).toEqual(['inventory.find-products']);
  expect(rightsOf('gateway', declaredTopology()).publishes).toEqual([]);
});

it('lets a service of Kafka see all topics, and read and write its own', () => {
  const { READ, WRITE, DESCRIBE, CREATE } = kafkajs.AclOperationTypes;
  const linesOf = (service: string, rights: typeof payment) =>
    aclOf(service, rights).map(
      ({ principal, resourceName, operation }) => `${principal} ${resourceName} ${operation}`,
    );
  const output = linesOf('payment', payment);
  expect(output).toContain(`User:payment * ${DESCRIBE}`);
  expect(output).toContain(`User:payment payment.commands ${READ}`);
  expect(output).toContain(`User:payment order.replies ${WRITE}`);
  expect(output).toContain(`User:payment payment. ${READ}`);
  expect(output).toContain(`User:payment customer.live ${READ}`);
  expect(output.filter((each) => each.includes('order.replies'))).toHaveLength(1);
  // No group subscribes to it, so its publisher creates it.
  expect(linesOf('order', order)).toContain(`User:order order.live ${CREATE}`);
});

it('lets a service of RabbitMQ read its own queues, write to its channels, and create neither', () => {
  const { configure, read, write } = permissionOf(payment);
  const may = (pattern: string, names: readonly string[]) =>
    names.filter((name) => new RegExp(pattern).test(name));
  const queues = [
    ...['payment.0', 'payment.12', 'payment.0.urgent', 'payment.0.low', 'payment.dead'],
    // It observes the keys of customers that are deleted.
    'customer.live.fanout',
  ];
  const others = [
    'order.live.fanout',
    'order.0',
    'order.payment.0',
    'payment.0.x',
    'xpayment.0',
    'order.commands',
  ];
  expect(may(read, [...queues, ...others])).toEqual(queues);
  expect(may(write, ['order.replies', 'payment.commands.by-8', ...others])).toEqual([
    'order.replies',
    'payment.commands.by-8',
  ]);
  // The queue names that the adapter uses; without this right a service cannot start.
  const own = 'waybill.own.responder.01a1ff2f-3b01-72c0-aa45-11bd1567b340';
  expect(may(configure, ['payment.0', 'order.replies', 'payment.events', own])).toEqual([own]);
  const ofOrder = permissionOf(order);
  expect(may(ofOrder.configure, ['order.live.fanout', 'order.events'])).toEqual([
    'order.live.fanout',
  ]);
  const answered = ['shipping.quote-parcel', 'shipping.quote-parcel/heron'];
  const requests = [...answered, 'inventory.find-products', 'shipping.quote-parcel.x'];
  const ofShipping = permissionOf(rightsOf('shipping', declaredTopology()));
  for (const pattern of Object.values(ofShipping)) {
    const namesOf = (types: readonly string[]) => types.map((type) => `waybill.requests.${type}`);
    expect(may(pattern, namesOf(requests))).toEqual(namesOf(answered));
  }
});

it('loads users into RabbitMQ by the hash of their passwords, and a guest only where all may enter', () => {
  const salt = Buffer.from('908DC60A', 'hex');
  // The example in RabbitMQ's documentation.
  expect(passwordHash('test12', salt)).toBe('kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR');
  const names = (secure: boolean) =>
    (rabbitmqDefinitions(users, secure) as { users: { name: string }[] }).users.map(
      ({ name }) => name,
    );
  expect(names(true)).toEqual(['admin', 'order', 'payment']);
  expect(names(false)).toEqual(['admin', 'guest', 'order', 'payment']);
  expect(JSON.stringify(rabbitmqDefinitions(users, true))).not.toContain('secret-of');
});

it('lets nobody into a secure Redis without a name, and a service only to what it uses', () => {
  const secure = redisAcl(users, true);
  expect(secure).toContain('user default off');
  expect(redisAcl(users, false)).toContain('user default on nopass');
  expect(secure).toMatch(
    /^user order on #[0-9a-f]{64} &waybill:live:customer &waybill:live:order ~waybill:\{work:order\.\* &waybill:work:order\.\* \+@read .* -@dangerous/m,
  );
  expect(secure).not.toContain('secret-of');
});

it('makes a role and its database once, and shuts the database for all others', () => {
  expect(statementsFor('order', "o'r", new Set())).toEqual([
    `create role "order" login nosuperuser nocreatedb nocreaterole password 'o''r'`,
    'create database "waybill_order" owner "order"',
    'revoke connect, temporary on database "waybill_order" from public',
  ]);
  const again = statementsFor('order', 'x', new Set(['order', 'waybill_order']));
  expect(again[0]).toMatch(/^alter role "order" /);
  expect(again).toHaveLength(2);
});
