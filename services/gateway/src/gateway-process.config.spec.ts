import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { gatewayProcessConfig, servedNames } from './gateway-process.config.ts';
import { Replicas } from './remote/replicas.ts';

it('each service is where its own variable says', () => {
  const variables = {
    order: 'ORDER_URL',
    inventory: 'INVENTORY_URL',
    payment: 'PAYMENT_URL',
    shipping: 'SHIPPING_URL',
    notification: 'NOTIFICATION_URL',
    analytics: 'ANALYTICS_URL',
    customer: 'CUSTOMER_URL',
  };
  const urlsOf = (name: string) => [`http://${name}-1:80`, `http://${name}-2:80`];
  const env = Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [variable, urlsOf(name).join(', ')]),
  );
  const grpc = { INVENTORY_GRPC_URL: 'grpc://inventory:1', SHIPPING_GRPC_URL: 'grpc://shipping:2' };
  const { urls, grpcUrls } = gatewayProcessConfig.parse({ ...env, ...grpc });
  expect(urls).toEqual(Object.fromEntries(servedNames.map((name) => [name, urlsOf(name)])));
  expect(grpcUrls).toEqual({ inventory: 'grpc://inventory:1', shipping: 'grpc://shipping:2' });
});

it('a service that does not begin its response within UPSTREAM_TIMEOUT_MS has failed', async () => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { answerMs } = gatewayProcessConfig.parse({ UPSTREAM_TIMEOUT_MS: '100' });
  const { port } = server.address() as AddressInfo;
  const replicas = new Replicas([`http://127.0.0.1:${port}`], { answerMs });
  const request = replicas.all[0]?.pool.request({ path: '/', method: 'GET' });
  await expect(request).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
  await replicas.close();
  server.closeAllConnections();
  server.close();
});
