import { describe, expect, it } from '@jest/globals';
import { isOrdered, Names } from './names.ts';

describe('names at SNS and SQS', () => {
  const names = new Names('shop-1');

  it.each([
    ['a topic without order', names.topic('order.announcements'), 'shop_1-order-announcements'],
    ['a topic with order', names.topic('order.events'), 'shop_1-order-events.fifo'],
    ['a queue', names.queue('notification.email', false), 'shop_1-notification-email'],
    ['a queue with order', names.queue('order', true), 'shop_1-order.fifo'],
    ['what it gave up on', names.dead('order', true), 'shop_1-order-dead.fifo'],
    ['the tokens of its partitions', names.owners('order'), 'shop_1-order-owners.fifo'],
    ['the seats of its consumers', names.members('order'), 'shop_1-order-members.fifo'],
    ['a queue without a namespace', new Names().queue('order', true), 'order.fifo'],
  ])('%s', (_, name, wanted) => expect(name).toBe(wanted));

  it.each(['order_events', 'order events', 'größe', ''])(
    'refuses what cannot be one: "%s"',
    (name) => expect(() => new Names().topic(name)).toThrow('cannot be a name'),
  );

  it('refuses what would be cut, or taken for another', () => {
    expect(() => names.queue('a'.repeat(70), true)).toThrow('longer than 80');
    expect(() => names.queue('order.dead', true)).toThrow('.dead');
    expect(() => names.queue('order.owners', true)).toThrow('.owners');
  });

  it('orders every channel but announcements, tasks and live updates', () => {
    const kinds = ['events', 'commands', 'replies', 'activity', 'announcements', 'tasks', 'live'];
    expect(kinds.filter((kind) => isOrdered(`order.${kind}`))).toEqual(kinds.slice(0, 4));
  });
});
