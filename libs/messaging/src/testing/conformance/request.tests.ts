import { expect } from '@jest/globals';
import type { Envelope } from '@waybill/message';
import { testsOf } from './conformance-test.ts';
import { Double, type Scene } from './scene.ts';

const asked = (scene: Scene, data: unknown): Envelope => ({
  ...scene.message('ask', { kind: 'request', type: Double.type }).envelope,
  data,
});
const double = async (data: unknown): Promise<unknown> => ({
  twice: 2 * (data as { n: number }).n,
});

/** Long enough for a busy machine: only tests of deadlines wait for a deadline. */
const patience = 10_000;

export const requestTests = [
  ...testsOf('answered', {
    'a request gets the answer of its responder': async (scene) => {
      await scene.requests.respond(Double, double);
      expect(await scene.requests.request(asked(scene, { n: 21 }), patience)).toEqual({
        twice: 42,
      });
    },
    'a request that nobody answers in time is given up': async (scene) => {
      const answer = scene.requests.request(asked(scene, { n: 1 }), 1_000);
      const given = expect(answer).rejects.toMatchObject({ code: 'request_timed_out' });
      await scene.under.pass(1_000);
      await given;
    },
    'a responder that is too late changes nothing': async (scene) => {
      let answer = (_: unknown): void => undefined;
      await scene.requests.respond(Double, () => new Promise((resolve) => (answer = resolve)));
      const late = scene.requests.request(asked(scene, { n: 1 }), 1_000);
      const given = expect(late).rejects.toMatchObject({ code: 'request_timed_out' });
      await scene.under.quiet();
      await scene.under.pass(1_000);
      answer({ twice: 2 });
      await given;
    },
    'a request waits for a responder until its deadline': async (scene) => {
      const answer = scene.requests.request(asked(scene, { n: 2 }), patience);
      await scene.under.quiet();
      await scene.requests.respond(Double, double);
      expect(await answer).toEqual({ twice: 4 });
    },
    'an error of the responder comes back with its code': async (scene) => {
      await scene.requests.respond(Double, async () => {
        throw Object.assign(new Error('no such thing'), { code: 'unknown_sku', retriable: false });
      });
      await expect(scene.requests.request(asked(scene, { n: 1 }), patience)).rejects.toMatchObject({
        code: 'request_refused',
        answerCode: 'unknown_sku',
        retriable: false,
      });
    },
    'a question that breaks its schema is refused without being asked': async (scene) => {
      let calls = 0;
      await scene.requests.respond(Double, async () => {
        calls += 1;
      });
      await expect(
        scene.requests.request(asked(scene, { n: 'x' }), patience),
      ).rejects.toMatchObject({
        answerCode: 'invalid_message',
      });
      expect(calls).toBe(0);
    },
    'responders of one request take turns': async (scene) => {
      await scene.requests.respond(Double, async () => 'one');
      await scene.requests.respond(Double, async () => 'two');
      const call = () => scene.requests.request(asked(scene, { n: 1 }), patience);
      expect(new Set([await call(), await call()])).toEqual(new Set(['one', 'two']));
    },
    'a responder that has left is not asked': async (scene) => {
      const leave = await scene.requests.respond(Double, async () => 'gone');
      await scene.requests.respond(Double, async () => 'here');
      await leave();
      const call = () => scene.requests.request(asked(scene, { n: 1 }), patience);
      expect([await call(), await call()]).toEqual(['here', 'here']);
    },
    'a request to a name is answered by a responder of that name': async (scene) => {
      await scene.requests.respond(Double, async () => 'unnamed');
      await scene.requests.respond(Double, async () => 'one', 'first');
      await scene.requests.respond(Double, async () => 'two', 'second');
      const request = (name?: string) =>
        scene.requests.request(asked(scene, { n: 1 }), patience, name);
      expect(
        await Promise.all([request('second'), request(), request('first'), request('second')]),
      ).toEqual(['two', 'unnamed', 'one', 'two']);
    },
    'one request to several names is gathered: who refuses or is late takes nothing from the others':
      async (scene) => {
        let answerLate = (_: unknown): void => undefined;
        await scene.requests.respond(Double, async () => 'one', 'first');
        await scene.requests.respond(
          Double,
          () => new Promise((resolve) => (answerLate = resolve)),
          'late',
        );
        await scene.requests.respond(Double, () => Promise.reject(new Error('no')), 'refuses');
        const question = asked(scene, { n: 1 });
        // The first request also has to subscribe to answers.
        const gathered = Promise.allSettled(
          ['first', 'late', 'refuses'].map((name) => scene.requests.request(question, 3_000, name)),
        );
        await scene.under.quiet();
        await scene.under.pass(3_000);
        answerLate('two');
        expect(await gathered).toMatchObject([
          { value: 'one' },
          { reason: { code: 'request_timed_out' } },
          { reason: { code: 'request_refused' } },
        ]);
      },
    'a request under way is refused when the broker closes': async (scene) => {
      const answer = scene.requests.request(asked(scene, { n: 1 }), patience);
      const refused = expect(answer).rejects.toMatchObject({ code: 'broker_closed' });
      await scene.broker.close();
      await refused;
    },
    'a closed broker takes no request and no responder': async (scene) => {
      await scene.broker.close();
      const closed = { code: 'broker_closed' };
      await expect(scene.requests.request(asked(scene, { n: 1 }), 1)).rejects.toMatchObject(closed);
      await expect(scene.requests.respond(Double, double)).rejects.toMatchObject(closed);
    },
  }),
];
