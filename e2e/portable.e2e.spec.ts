import { createRequire } from 'node:module';
import { describe, expect, it, jest } from '@jest/globals';
import { channelOf, OrderAnnounced } from '@waybill/contracts';
import { SpanReceiver } from '@waybill/observability/testing';
import { Client as Database } from 'pg';
import { deadLetterTests } from './inside/dead-letters.tests.ts';
import { edgeTests } from './inside/edges.tests.ts';
import { forgedTokenTests } from './inside/forged-tokens.tests.ts';
import { httpFileTests } from './inside/http-files.tests.ts';
import { mailTests } from './inside/mails.tests.ts';
import { outsideWorldTests } from './inside/outside-world.tests.ts';
import { personalDataTests, type Sent } from './inside/personal-data.tests.ts';
import { proxiedTests, trustedProxy } from './inside/proxied.tests.ts';
import { sessionsPerAddress, sessionTests } from './inside/sessions.tests.ts';
import { tracesTo, traceTests } from './inside/traces.tests.ts';
import { beyondReach, reachedNowhere } from './portable/beyond-reach.ts';
import { coverageTests } from './portable/coverage.tests.ts';
import { portableTests } from './portable/portable.tests.ts';
import { targetUrl } from './portable/target.config.ts';
import { useTarget } from './portable/target.ts';
import { useSystem } from './system/test-system.ts';

jest.setTimeout(600_000);

const url = targetUrl;

if (url === undefined) {
  describe('the system in one process', () => {
    const receiver = new SpanReceiver();
    const system = useSystem(async () => ({
      PAYMENT_GIVE_UP_AFTER: '8s',
      SESSIONS_PER_ADDRESS: String(sessionsPerAddress),
      TRUSTED_PROXIES: trustedProxy,
      ...(await tracesTo(receiver)),
    }));
    const target = useTarget(() => system().url);
    portableTests(target);
    describe('forged tokens', () => forgedTokenTests(system));
    describe('dead letters', () => deadLetterTests(system, target));
    describe('orders', () => outsideWorldTests(system, target));
    describe('traces', () => traceTests(system, target, { receiver, broker: 'embedded' }));
    describe('e-mails', () => mailTests(system, target));
    describe('the examples for editors', () => httpFileTests(system, target));
    describe('personal data', () => {
      const announce = async ({ id, key, body }: Sent): Promise<void> => {
        const database = new Database(system().data.whereabouts().databases.order);
        await database.connect();
        await database.query(
          `insert into outbox (id, broker, lane, channel, key, body) values ($1, 'embedded', 0, $2, $3, $4)`,
          [id, channelOf(OrderAnnounced), key, body],
        );
        await database.end();
      };
      personalDataTests({ system, announce, logs: () => system().stderr }, target);
    });
    describe('anonymous sessions', () => sessionTests(system, target));
    describe('behind a proxy', () => proxiedTests(system));
    describe('the edge', () => edgeTests(system, target));
    describe('all together', () => coverageTests(target, reachedNowhere));

    it('serves the document that the client is generated from', async () => {
      const { body } = await system().anonymous().get('/openapi.json');
      const known = createRequire(import.meta.url)('@waybill/client/openapi.json');
      expect(body).toEqual(known);
    });

    it('leaves every invariant intact', async () => {
      expect(await system().verify()).toEqual([]);
    });
  });
} else {
  describe(`the system at ${url}`, () => {
    const target = useTarget(() => url);
    portableTests(target);
    describe('all together', () => coverageTests(target, beyondReach));
  });
}
