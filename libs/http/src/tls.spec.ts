import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from '@jest/globals';
import { localhostCertificate } from '@waybill/grpc/testing';
import { OpenAnswers } from '@waybill/resilience/http-server';
import { type EdgeApp, edgeApp } from './testing/edge-app.ts';

let edge: EdgeApp | undefined;
afterEach(() => edge?.app.close());

it('serves by TLS where it has a certificate, and in no other way', async () => {
  edge = await edgeApp([], { certificate: localhostCertificate });
  await edge.fastify.listen({ host: '127.0.0.1', port: 0 });
  const { port } = edge.fastify.server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    const options = { ca: localhostCertificate.cert, agent: false as const };
    get(`https://localhost:${port}/nothing`, options, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).once('error', reject);
  });
  expect(status).toBe(404);
  await expect(fetch(`http://127.0.0.1:${port}/nothing`)).rejects.toThrow('fetch failed');
  await expect(fetch(`https://127.0.0.1:${port}/nothing`)).rejects.toMatchObject({
    cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
  });
});

it('gives the answers that it owes when it stops, also those that take longer than a request may take to arrive', async () => {
  const owed: ServerResponse[] = [];
  const server = createServer(localhostCertificate, (_, response) => owed.push(response));
  const answers = new OpenAnswers(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const calling = get({ port, ca: localhostCertificate.cert, agent: false });
  const answered = once(calling, 'response');
  await once(server, 'request');
  const closed = answers.close({ within: 20_000 });
  // There is no condition to await: the server drops the incomplete connection after two seconds.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  owed[0]?.end('late');
  const [response] = await answered;
  expect(response.statusCode).toBe(200);
  response.resume();
  await closed;
});
