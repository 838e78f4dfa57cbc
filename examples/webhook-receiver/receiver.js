import { createServer } from 'node:http';
import { port, secret } from './receiver.config.js';
import { isSigned } from './verify.js';

const largest = 64 * 1_024;
const week = 7 * 24 * 60 * 60 * 1_000;

/**
 * The ids of the last week: an event may arrive twice. An application has a table instead, with the id as its key, and inserts into it in
 * the transaction of the effect.
 */
const seen = new Map();

function isNew(id) {
  const now = Date.now();
  for (const [old, at] of seen) {
    if (now - at < week) break;
    seen.delete(old);
  }
  if (seen.has(id)) return false;
  seen.set(id, now);
  return true;
}

/** Short, because the sender waits for 15 seconds; work that takes longer belongs into a queue. */
function handle({ type, data }) {
  console.log(`${type} ${JSON.stringify(data)}`);
}

async function bodyOf(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largest) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function statusOf(request) {
  const body = await bodyOf(request);
  if (!body) return 413;
  if (!isSigned(secret, request.headers, body)) return 401;
  // An answer of 2xx says that it need not be sent again, so a duplicate gets one too.
  if (isNew(request.headers['webhook-id'])) handle(JSON.parse(body));
  return 204;
}

const server = createServer(async (request, response) => {
  const status = await statusOf(request).catch(() => 500);
  response.writeHead(status, status === 413 ? { connection: 'close' } : {}).end();
});
server.listen(port, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}/`);
});
