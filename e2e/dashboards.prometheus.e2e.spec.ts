import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { usualWebhook } from './portable/usual-webhook.ts';
import { eventually } from './system/eventually.ts';
import { TestPrometheus } from './system/test-prometheus.ts';
import { useSystem } from './system/test-system.ts';

interface Dashboard {
  readonly title: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const folder = join(dirname(fileURLToPath(import.meta.url)), '../docker/observability/dashboards');
const dashboards = readdirSync(folder).map(
  (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Dashboard,
);

describe('the dashboards of Grafana, asked of a real Prometheus', () => {
  const system = useSystem();
  let prometheus: TestPrometheus;

  beforeAll(async () => {
    prometheus = await TestPrometheus.scraping(system().url);
    const ada = await system().as('ada');
    await ada.post(`/api/v1/webhooks/${await usualWebhook(ada)}/test`, {});
    await system().sandboxes.providerFaults({ down: true });
    const deferred = await ada.placeOrder();
    await eventually('a message is deferred', async () => {
      const found = await prometheus.query('waybill_messages_total{outcome="deferred"} > 0');
      return found.length > 0;
    });
    await system().sandboxes.providerFaults({});
    await ada.settled(deferred.body.id);
    const cancelled = await ada.placeOrder();
    await ada.settled(cancelled.body.id);
    await ada.post(`/api/v1/orders/${cancelled.body.id}/cancel`, { reason: 'test' });
  });
  afterAll(() => prometheus?.close());

  const queries = dashboards.flatMap(({ title: dashboard, panels }) =>
    panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ dashboard, title, expr }))),
  );

  it.each(queries)('$dashboard shows "$title"', async ({ expr }) => {
    const query = expr.replaceAll('$__rate_interval', '10m');
    await eventually(`there are series of ${query}`, async () => {
      const series = await prometheus.query(query);
      return series.length > 0;
    });
  });

  it('are four, each with a name of its own', () => {
    expect(dashboards.map(({ title }) => title).sort()).toEqual(
      ['business', 'machines', 'messaging', 'sagas'].map((name) => `Waybill: ${name}`),
    );
  });

  it('leaves every invariant intact', async () => {
    expect(await system().verify()).toEqual([]);
  });
});
