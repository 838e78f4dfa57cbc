import { describe, expect, it } from '@jest/globals';
import type { Scene } from '@waybill/messaging/testing';
import { HttpFaults } from './testing/http-faults.ts';
import { serverAddress } from './testing/server-address.config.ts';
import { withBroker } from './testing/sns-sqs-under-test.ts';

/** Fails one entry of SNS, `times` times; the others of its batch fail too, because they are not stored either. */
function failingEntries(times: number): HttpFaults['change'] {
  let left = times;
  return ({ action, body }) => {
    if (action !== 'PublishBatch' || left <= 0) return null;
    left -= 1;
    const ids = [...new URLSearchParams(body)].filter(([name]) => name.endsWith('.Id'));
    const failed = ids.map(
      ([, id]) =>
        `<member><Id>${id}</Id><Code>InternalError</Code><Message>try again</Message><SenderFault>false</SenderFault></member>`,
    );
    return {
      status: 200,
      body: `<PublishBatchResponse><PublishBatchResult><Successful/><Failed>${failed.join('')}</Failed></PublishBatchResult></PublishBatchResponse>`,
    };
  };
}

/** Whether a request is about the tokens of a group, not about its messages. */
const isOfTokens = (body: string): boolean => /-(owners|members)\.fifo/.test(body);

const through =
  (
    run: (scene: Scene, faults: HttpFaults) => Promise<void>,
    options?: Parameters<typeof withBroker>[2],
  ) =>
  async () => {
    const faults = await HttpFaults.open(serverAddress);
    try {
      await withBroker(faults.address, (scene) => run(scene, faults), options)();
    } finally {
      await faults.close();
    }
  };

describe('a batch of which a part fails', () => {
  it(
    'of publishing: each message is told for itself, its key waits, and no order breaks',
    through(async (scene, faults) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      faults.change = failingEntries(1);
      const sent = scene.publish(...scene.series('k', 3), scene.message('other', { key: 'l' }));
      const codes = await sent.settled(4);
      expect(codes.filter((code) => code === 'entry_failed').length).toBeGreaterThan(0);
      await scene.publishUntilConfirmed(...scene.series('k', 4));
      await scene.until(() => consumer.bodies().includes('k-4'));
      const ofK = [...new Set(consumer.bodies().filter((body) => body.startsWith('k-')))];
      expect(ofK).toEqual(['k-1', 'k-2', 'k-3', 'k-4']);
    }),
    30_000,
  );

  it(
    'of deleting: it is deleted again, so that the message does not come twice',
    through(async (scene, faults) => {
      await scene.group('orders');
      let failures = 0;
      faults.change = ({ action, body }) => {
        if (action !== 'DeleteMessageBatch' || failures > 0) return null;
        failures += 1;
        const { Entries } = JSON.parse(body) as { Entries: { Id: string }[] };
        const Failed = Entries.map(({ Id }) => ({ Id, Code: 'InternalError', SenderFault: false }));
        return { status: 200, body: JSON.stringify({ Successful: [], Failed }) };
      };
      const consumer = await scene.consumer('orders');
      await scene.publishUntilConfirmed(scene.message('a'));
      await consumer.received(1);
      await scene.under.pass(scene.under.visibilityTimeout + 1_000);
      expect([failures, consumer.bodies()]).toEqual([1, ['a']]);
    }),
    30_000,
  );

  it(
    'of extending: what the queue no longer knows as ours comes again, and late acks do no harm',
    through(async (scene, faults) => {
      await scene.group('orders');
      const holder = await scene.holder('orders');
      await scene.publishUntilConfirmed(scene.message('a'));
      await holder.received(1);
      faults.change = ({ action, body }) => {
        if (action !== 'ChangeMessageVisibilityBatch' || isOfTokens(body)) return null;
        const { Entries } = JSON.parse(body) as { Entries: { Id: string }[] };
        const Code = 'ReceiptHandleIsInvalid';
        const Failed = Entries.map(({ Id }) => ({ Id, Code, SenderFault: true }));
        return { status: 200, body: JSON.stringify({ Successful: [], Failed }) };
      };
      const [first, again] = await holder.received(2);
      faults.change = () => null;
      first?.giveBack();
      first?.ack();
      again?.ack();
      await scene.under.pass(scene.under.visibilityTimeout + 1_000);
      expect(holder.bodies()).toEqual(['a', 'a']);
    }),
    30_000,
  );

  it(
    'of a server that is busy: deletes and receives go on when it is not',
    through(async (scene, faults) => {
      await scene.group('orders');
      const consumer = await scene.consumer('orders');
      let refusals = 6;
      faults.change = ({ action }) => {
        if (!/Receive|Delete|Publish/.test(action) || refusals <= 0) return null;
        refusals -= 1;
        return { status: 503, body: '{"__type":"ServiceUnavailable","message":"busy"}' };
      };
      await scene.publishUntilConfirmed(...scene.series('k', 5));
      await scene.until(() => consumer.bodies().includes('k-5'));
      expect(refusals).toBe(0);
    }),
    30_000,
  );
});

describe('what a consumer asks of its queue', () => {
  it(
    'is to wait for the first message, and to hide one for longer that it has not done yet',
    through(
      async (scene, faults) => {
        await scene.group('orders');
        const waits: unknown[] = [];
        const extensions: string[] = [];
        faults.change = ({ action, body }) => {
          if (isOfTokens(body)) return null;
          if (action === 'ChangeMessageVisibilityBatch') extensions.push(body);
          if (action === 'ReceiveMessage' && body.includes('-orders.fifo'))
            waits.push((JSON.parse(body) as { WaitTimeSeconds: unknown }).WaitTimeSeconds);
          return null;
        };
        const holder = await scene.holder('orders');
        await scene.publishUntilConfirmed(scene.message('slow'));
        await holder.received(1);
        expect(waits[0]).toBe(1);
        // One comes at each third of the timeout: without them it would have been received again.
        await scene.until(() => extensions.length >= 5);
        expect(holder.bodies()).toEqual(['slow']);
      },
      { holdSeconds: 600 },
    ),
    30_000,
  );
});
