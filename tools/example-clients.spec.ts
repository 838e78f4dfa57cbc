import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from '@jest/globals';
import { root } from './repository.ts';

let server: Server;
let client: ChildProcess;
afterEach(() => {
  client.kill();
  server.close().closeAllConnections();
});

/** The first lines that an example prints about a system that answers like this. */
async function printed(lines: number, example: string, more: string[], answer: RequestListener) {
  server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = spawn(process.execPath, [join(root, 'examples', example), url, 'ada', ...more]);
  let text = '';
  for await (const part of client.stdout ?? []) {
    text += String(part);
    if (text.split('\n').length > lines) break;
  }
  return text.split('\n').slice(0, lines);
}

it('the SSE client goes on after the last event when its stream is cut', async () => {
  const text = await printed(2, 'sse-client/follow.js', ['o1'], ({ headers }, response) => {
    const id = Number(headers['last-event-id']) + 1;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(':\n\n');
    response.end(
      `id: ${id}\nevent: order_updated\ndata: {"status":"s${id}"}\n\nid: 9\ndata: {"cut`,
    );
  });
  expect(text).toEqual(['version 1: s1', 'version 2: s2']);
});

it('the polling client requests the changes after the last one', async () => {
  const text = await printed(3, 'polling-client/poll.js', ['1'], ({ url }, response) => {
    const since = Number(new URL(url ?? '', 'http://here').searchParams.get('since_id'));
    const item = { changeId: since + 2, number: `N${since}`, change: { type: 'placed' } };
    response.end(JSON.stringify({ items: [item], nextCursor: since === 0 ? 'more' : null }));
  });
  expect(text).toEqual(['2: N0 placed', '4: N2 placed', '6: N4 placed']);
});
