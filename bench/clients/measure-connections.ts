import { setTimeout as pause } from 'node:timers/promises';
import { Agent, fetch, WebSocket } from 'undici';
import { megabytesOf } from '../parts.ts';
import { orderBody, Shoppers } from '../shoppers.ts';
import { startSystem } from '../start-system.ts';
import type { Subject } from '../system.ts';

/** The resident memory of one process that holds idle connections. */
export interface ConnectionFigures {
  readonly sockets: number;
  readonly streams: number;
  /** Megabytes: with none, with the sockets, with the streams too. */
  readonly megabytes: readonly [none: number, sockets: number, all: number];
  /** Milliseconds of a request beside them, 50th percentile of 200. */
  readonly requestMs: number;
}

/** A user has at most 20 tickets at a time. */
const [sockets, streams, atOnce] = [5_000, 500, 10];
/** What one customer may have open is raised; the rest is as users run it. */
const limits = {
  WS_CONNECTIONS_PER_USER: '10000',
  STREAMS_PER_CALLER: '10000',
  STREAMS: '10000',
};
/** Milliseconds until garbage of the handshakes is collected. */
const settling = 20_000;

/** Opens idle WebSockets and streams of one order, and reads the memory of the process that serves them. */
export async function measureConnections(
  subject: Subject,
  say: (line: string) => void,
): Promise<ConnectionFigures> {
  const system = await startSystem({ ...subject, addresses: { ...subject.addresses, ...limits } });
  const { url, pid } = system.where;
  const shoppers = await Shoppers.at(url, 1);
  const headers = { authorization: `Bearer ${shoppers.token}`, 'content-type': 'application/json' };
  const dispatcher = new Agent({ connections: streams + 4 });
  const resident = async (): Promise<number> => {
    await pause(settling);
    return megabytesOf(pid)?.now ?? Number.NaN;
  };
  try {
    const none = await resident();
    say(`${sockets} WebSockets`);
    await inTurns(sockets, () => openSocket(url, headers, dispatcher));
    const withSockets = await resident();
    const body = orderBody(shoppers.skus[0] ?? '');
    const placed = await fetch(`${url}/api/v1/orders`, { method: 'POST', headers, body });
    const { id } = (await placed.json()) as { id: string };
    say(`${streams} streams`);
    await inTurns(streams, () =>
      openStream(`${url}/api/v1/orders/${id}/stream`, headers, dispatcher),
    );
    const all = await resident();
    return {
      sockets,
      streams,
      megabytes: [none, withSockets, all],
      requestMs: await requests(url),
    };
  } finally {
    await dispatcher.destroy();
    await shoppers.close();
    await system.stop();
  }
}

export const connectionsTable = ({
  sockets: ofSockets,
  streams: ofStreams,
  megabytes: [none, withSockets, all],
  requestMs,
}: ConnectionFigures): string[] => [
  `resident: ${none} MB without connections, ${withSockets} MB with ${ofSockets} WebSockets, ${all} MB with ${ofStreams} streams too`,
  `kB for each: WebSocket ${(((withSockets - none) * 1_024) / ofSockets).toFixed(1)}, stream ${(((all - withSockets) * 1_024) / ofStreams).toFixed(1)}`,
  `a request beside them: ${requestMs.toFixed(1)} ms`,
];

async function inTurns(count: number, open: () => Promise<void>): Promise<void> {
  for (let opened = 0; opened < count; opened += atOnce)
    await Promise.all(Array.from({ length: atOnce }, open));
}

async function openSocket(
  url: string,
  headers: Record<string, string>,
  dispatcher: Agent,
): Promise<void> {
  const path = `${url}/api/v1/ws/tickets`;
  const answer = await fetch(path, { method: 'POST', headers, dispatcher });
  const { ticket } = (await answer.json()) as { ticket: string };
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?ticket=${ticket}`, {
    protocols: 'waybill.v1',
    headers: { origin: url },
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('message', () => resolve(), { once: true });
    socket.addEventListener('error', () => reject(new Error('a WebSocket was refused')));
  });
}

async function openStream(
  url: string,
  headers: Record<string, string>,
  dispatcher: Agent,
): Promise<void> {
  const answer = await fetch(url, { headers, dispatcher });
  if (answer.status !== 200) throw new Error(`a stream was refused with ${answer.status}`);
  await answer.body?.getReader().read();
}

async function requests(url: string): Promise<number> {
  const all: number[] = [];
  for (let n = 0; n < 200; n += 1) {
    const began = performance.now();
    await (await fetch(`${url}/api/v1/products/LAPTOP-13`)).arrayBuffer();
    all.push(performance.now() - began);
  }
  return all.sort((one, other) => one - other)[100] ?? Number.NaN;
}
