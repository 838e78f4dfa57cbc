import { timingSafeEqual } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestLimits } from '@waybill/resilience/http-server';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { ZodError, type z } from 'zod';
import { CutOff } from './faults.ts';
import { Refusal } from './refusal.ts';
import {
  bookBody,
  bookHeaders,
  cancelBody,
  deliveryBody,
  findQuery,
  moveBody,
  quoteBody,
  supplyBody,
} from './requests.ts';
import type { Sandbox } from './sandbox.ts';
import { supplierName } from './supplier.ts';

type Parameters = { Params: { carrier: string } };

/** The carriers' HTTP API: `/v1/{carrier}/…` for shippers; the supplier's orders beside them; `/moves`, `/deliveries`, `/faults` and `/ledger` to control both. */
export function carriersServer(sandbox: Sandbox, apiKey: string): FastifyInstance {
  const limits = requestLimits();
  const app = Fastify({
    bodyLimit: 64 * 1024,
    routerOptions: { maxParamLength: 100 },
    http: limits,
    requestTimeout: limits.requestTimeout,
  });
  app.setErrorHandler(answerProblem);
  app.addHook('onRequest', async (request) => authenticate(request, apiKey));
  app.get('/', async () => ({ carriers: sandbox.names }));
  shipperRoutes(app, sandbox);
  supplyRoutes(app, sandbox);
  playRoutes(app, sandbox);
  return app;
}

function shipperRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.addHook<Parameters>('preHandler', async (request) => {
    if (request.url.startsWith('/v1/') && request.params.carrier)
      await misbehave(sandbox, request.params.carrier);
  });
  app.post<Parameters>('/v1/:carrier/quotes', async (request) =>
    sandbox.books(request.params.carrier).quote(parse(quoteBody, request.body)),
  );
  app.post<Parameters>('/v1/:carrier/bookings', async (request, reply) => {
    const { carrier } = request.params;
    const operationId = parse(bookHeaders, request.headers)['idempotency-key'];
    const body = parse(bookBody, request.body);
    const { refuseBookings, loseBookings } = sandbox.faults.of(carrier);
    const isNew = !sandbox.books(carrier).knows(operationId);
    if (isNew && sandbox.faults.strikes(refuseBookings)) {
      throw new Refusal(422, 'not_served', `${carrier} takes no parcels today`);
    }
    const booking = await sandbox.books(carrier).book({ ...body, operationId });
    if (sandbox.faults.strikes(loseBookings)) throw new CutOff();
    return reply.code(201).send(booking);
  });
  app.post<Parameters>('/v1/:carrier/cancellations', async (request) =>
    sandbox.books(request.params.carrier).cancel(parse(cancelBody, request.body).operationId),
  );
  app.get<Parameters>('/v1/:carrier/bookings', async (request) =>
    sandbox.books(request.params.carrier).find(parse(findQuery, request.query).operationId),
  );
}

function supplyRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.post(`/v1/${supplierName}/orders`, async (request, reply) => {
    await misbehave(sandbox, supplierName);
    const orderId = parse(bookHeaders, request.headers)['idempotency-key'];
    const goods = parse(supplyBody, request.body);
    const { refuseBookings, loseBookings } = sandbox.faults.of(supplierName);
    if (!sandbox.supplier.knows(orderId) && sandbox.faults.strikes(refuseBookings)) {
      throw new Refusal(422, 'not_supplied', `${supplierName} has no ${goods.sku}`);
    }
    const order = await sandbox.supplier.order(orderId, goods);
    if (sandbox.faults.strikes(loseBookings)) throw new CutOff();
    return reply.code(201).send(order);
  });
  app.post('/deliveries', async (request, reply) =>
    reply.code(202).send(await sandbox.supplier.deliver(parse(deliveryBody, request.body).orderId)),
  );
}

function playRoutes(app: FastifyInstance, sandbox: Sandbox): void {
  app.post('/moves', async (request, reply) => {
    const { carrier, operationId, status } = parse(moveBody, request.body);
    return reply.code(202).send({ moves: await sandbox.move(carrier, operationId, status) });
  });
  app.get<Parameters>('/faults/:carrier', async (request) =>
    sandbox.faults.of(sandbox.member(request.params.carrier)),
  );
  app.put<Parameters>('/faults/:carrier', async (request) =>
    sandbox.faults.set(
      sandbox.member(request.params.carrier),
      request.body as Record<string, never>,
    ),
  );
  app.get('/ledger', async () => ({
    bookings: sandbox.ledger(),
    orders: sandbox.supplier.orders(),
  }));
}

/** Applies the faults that strike before the request takes effect. */
async function misbehave(sandbox: Sandbox, carrier: string): Promise<void> {
  const faults = sandbox.faults.of(carrier);
  if (faults.latencyMs > 0) await sleep(faults.latencyMs, undefined, { ref: false });
  if (faults.down) throw new CutOff();
  if (sandbox.faults.strikes(faults.errorShare)) {
    throw new Refusal(faults.errorStatus, 'fault', `${carrier} has a fault`);
  }
}

function authenticate(request: FastifyRequest, apiKey: string): void {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${apiKey}`);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    throw new Refusal(401, 'unauthorized', 'the API key is missing or wrong');
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  return schema.parse(value);
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof CutOff) {
    request.raw.socket.destroy();
    return;
  }
  const { status, ...problem } = problemOf(error);
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', status, ...problem });
}

function problemOf(error: unknown): { status: number; code: string; detail: string } {
  if (error instanceof Refusal) {
    return { status: error.status, code: error.code, detail: error.message, ...error.more };
  }
  if (error instanceof ZodError) {
    const detail = error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ');
    return { status: 400, code: 'invalid_request', detail };
  }
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  return status < 500
    ? { status, code: 'invalid_request', detail: (error as Error).message }
    : { status: 500, code: 'internal_error', detail: 'the carriers stumbled' };
}
