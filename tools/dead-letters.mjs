/**
 * `npm run dead-letters -- list|show|redrive|discard`: the dead letters of every service and broker, over the API
 * of a running system. Plain Node; needs no build.
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import {
  answerFrom,
  answerOf,
  Refused,
  refusalOf,
  requestTo,
  runCommand,
} from './operator-api.mjs';

const usage = `npm run dead-letters -- <command>

  list [filter] [--limit N]      newest first, of all services
  show ID                        its message, attempts and cause, masked where it is personal
  original ID --reason WHY       the bytes as they came, to standard output; the reason is audited
  audit ID                       who has redriven, discarded or read it
  redrive ID [--data JSON]       handles it again, with other data if given (--data @file reads a file)
  redrive filter | --all [--rate N]  handles all that match again, at most N a second (1000)
  discard ID                     gives it up for good

  filter: --type inventory.reserve-stock   --channel inventory.commands   --handler inventory
  where:  --url http://127.0.0.1:8080 (or WAYBILL_URL; default: the system that runs on WAYBILL_DATA)
  who:    WAYBILL_TOKEN, or WAYBILL_EMAIL and WAYBILL_PASSWORD (default: the operator of the development issuer)`;

const pageSize = 200;

const options = {
  type: { type: 'string' },
  channel: { type: 'string' },
  handler: { type: 'string' },
  limit: { type: 'string' },
  rate: { type: 'string' },
  data: { type: 'string' },
  reason: { type: 'string' },
  url: { type: 'string' },
  all: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
};

await runCommand(main);

async function main() {
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [command, id, ...rest] = positionals;
  if (values.help || !command || rest.length > 0) {
    console.log(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const run = { list, show, original, audit, redrive, discard }[command];
  if (!run) throw new Refused(`There is no command "${command}".\n\n${usage}`);
  await run(values, id);
}

async function list(values) {
  const limit = limitOf(values);
  const missing = new Set();
  let shown = 0;
  let cursor;
  do {
    const rest = String(Math.min(pageSize, limit - shown));
    const query = new URLSearchParams({
      ...filterOf(values),
      limit: rest,
      ...(cursor && { cursor }),
    });
    const answer = await ask(values, 'GET', `?${query}`);
    answer.items.forEach(print);
    for (const service of answer.missing ?? []) missing.add(service);
    shown += answer.items.length;
    cursor = answer.nextCursor;
  } while (cursor && shown < limit);
  console.log(`${shown} dead letters${cursor ? ', and more: raise --limit' : ''}`);
  if (missing.size > 0) throw new Refused(`no answer from ${[...missing].join(', ')}`);
}

function limitOf({ limit = 50 }) {
  const number = Number(limit);
  if (!Number.isInteger(number) || number < 1) throw new Refused('--limit is a number above 0.');
  return number;
}

function print({ at, id, type, channel, handler, group, attempts, code, error }) {
  const what = `${type ?? 'unreadable bytes'} on ${channel} for ${handler ?? group}`;
  console.log(`${at}  ${id}\n  ${what}, ${attempts} attempts\n  ${code}: ${error.split('\n')[0]}`);
}

async function show(values, id) {
  console.log(JSON.stringify(await ask(values, 'GET', pathOf(id)), null, 2));
}

/** The original bytes, to a file: they may contain control characters that a terminal would interpret. */
async function original(values, id) {
  const path = `${pathOf(id)}/original`;
  if (!values.reason?.trim()) throw new Refused('Say why: --reason "…" is kept in the audit.');
  const query = new URLSearchParams({ reason: values.reason });
  const response = await request(values, 'GET', `${path}?${query}`);
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status >= 300) throw refusalOf(response.status, answerOf(bytes.toString('utf8')));
  await new Promise((resolve) => process.stdout.write(bytes, resolve));
}

async function audit(values, id) {
  const path = `${pathOf(id)}/audit`;
  let cursor;
  do {
    const query = new URLSearchParams({ limit: String(pageSize), ...(cursor && { cursor }) });
    const { items, nextCursor } = await ask(values, 'GET', `${path}?${query}`);
    for (const { at, action, by, edited, reason } of items) {
      console.log(
        `${at}  ${action} by ${by}${edited ? ', edited' : ''}${reason ? `: ${reason}` : ''}`,
      );
    }
    cursor = nextCursor;
  } while (cursor);
}

async function redrive(values, id) {
  if (id) {
    await ask(values, 'POST', `${pathOf(id)}/redrive`, dataOf(values));
    console.log(`${id} is handled again`);
    return;
  }
  const filter = filterOf(values);
  if (Object.keys(filter).length === 0 && !values.all) {
    throw new Refused('Say which: an id, a filter, or --all.');
  }
  const ratePerSecond = Number(values.rate ?? 1_000);
  let job = await ask(values, 'POST', '/redrive', { filter, ratePerSecond });
  while (job.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 500));
    job = await answerFrom(values.url, 'GET', `/jobs/${job.id}`);
  }
  console.log(`${job.counts.redriven} are handled again`);
}

async function discard(values, id) {
  await ask(values, 'DELETE', pathOf(id));
  console.log(`${id} is given up`);
}

function pathOf(id) {
  if (!id) throw new Refused('Say which dead letter: its id stands in the list.');
  return `/${encodeURIComponent(id)}`;
}

function filterOf({ type, channel, handler }) {
  const filter = { type, channel, handler };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function dataOf({ data }) {
  if (data === undefined) return undefined;
  const text = data.startsWith('@') ? readFileSync(data.slice(1), 'utf8') : data;
  try {
    return { data: JSON.parse(text) };
  } catch (error) {
    throw new Refused(`--data is no JSON: ${error.message}`);
  }
}

function ask({ url }, method, path, body) {
  return answerFrom(url, method, `/dead-letters${path}`, body);
}

function request({ url }, method, path) {
  return requestTo(url, method, `/dead-letters${path}`);
}
