import { EventEmitter } from 'node:events';
import { expect, it } from '@jest/globals';
import { until } from '@waybill/messaging/testing';
import type { Link } from './link.ts';
import { Names } from './names.ts';
import { Observers } from './observers.ts';
import { settingsOf } from './settings.ts';
import type { Topology } from './topology.ts';

/** A server that closes each channel on which a queue is declared. */
function refusing() {
  let opened = 0;
  const link = {
    state: 'connected',
    listen: () => () => undefined,
    channel: async () => {
      opened += 1;
      return Object.assign(new EventEmitter(), {
        async assertQueue(this: EventEmitter) {
          this.emit('close');
          throw Object.assign(new Error('ACCESS_REFUSED'), { code: 403 });
        },
        close: async () => undefined,
      });
    },
  } as unknown as Link;
  return { link, opened: () => opened };
}

it('an observer that is refused asks again after a pause, once', async () => {
  const { link, opened } = refusing();
  const troubles: string[] = [];
  const settings = settingsOf({
    url: 'amqp://here',
    service: 'test',
    onTrouble: (what) => troubles.push(what),
  });
  const topology = {
    withDeclarer: async () => undefined,
    remember: () => undefined,
  } as unknown as Topology;
  const observers = new Observers({ link, names: new Names(''), topology, settings });
  observers.add('#', () => undefined, {});
  await until(() => troubles.length > 0);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect([opened(), troubles]).toEqual([1, ['observing #']]);
  await until(() => opened() >= 2);
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(opened()).toBe(2);
  observers.clear();
});
