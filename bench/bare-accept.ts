import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import fastify from 'fastify';
import { Pool } from 'pg';

/** POSTs per second of bare Fastify that stores each body with one insert: the minimum cost of accepting an order. */
export async function bareAcceptsPerSecond(
  url: string,
  body: string,
  seconds: number,
  connections: number,
): Promise<number> {
  const pool = new Pool({ connectionString: url, max: 8 });
  // The server is stopped right afterwards and may cut connections that are closing.
  pool.on('error', () => undefined);
  await pool.query('create table accepted (id uuid primary key, body jsonb not null)');
  const app = fastify();
  app.post('/orders', async (request, reply) => {
    const id = randomUUID();
    await pool.query({
      name: 'accept',
      text: 'insert into accepted values ($1, $2)',
      values: [id, JSON.stringify(request.body)],
    });
    return reply.code(202).send({ id });
  });
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  const result = await autocannon({
    url: `${address}/orders`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    connections,
    duration: seconds,
  });
  await app.close();
  await pool.end();
  return result.requests.average;
}
