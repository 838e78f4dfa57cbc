import type { Batch, InboxRow, OutboxRow, StateWrite } from '@waybill/messaging';
import { pageBody, pageKey } from '../handled.ts';
import { outboxPartitionsMask, pageBytes, pagesOf, singlesOf } from '../outbox-page.ts';
import type { CommitBatch } from './commit-batch-sql.ts';
import { isStorable, rowsText } from './rows-text.ts';

type Sections = Map<string, unknown>;

/** The arguments of the function, one per section, null where a section has no rows. Throws for an undeclared table. */
export function batchParameters(batch: Batch, { sections, seldom }: CommitBatch): unknown[] {
  const found: Sections = new Map();
  addInbox(found, batch);
  addStates(found, batch, seldom);
  addWaiting(found, batch);
  if (batch.confirmed.length > 0) {
    found.set(
      'confirmedFirst',
      batch.confirmed.map(({ first }) => first),
    );
    found.set(
      'confirmedLast',
      batch.confirmed.map(({ last }) => last),
    );
  }
  const used = new Set<string>();
  const values = sections.map(({ key }) => {
    used.add(key);
    return found.get(key) ?? null;
  });
  for (const key of found.keys()) {
    if (!used.has(key)) throw new TypeError(`the service declares no table for ${key}`);
  }
  return values;
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

function addExact(found: Sections, key: string, rows: readonly object[]): void {
  if (rows.length === 0) return;
  found.set(key, JSON.stringify(rows));
  found.set(`${key}#`, rows.length);
}

function addInbox(found: Sections, batch: Batch): void {
  const fences = batch.fences.map(({ group, partition, epoch }) => ({
    g: group,
    s: partition,
    e: epoch,
  }));
  addExact(found, 'fences', fences);
  const applied = batch.inbox.filter(({ outcome }) => outcome === 'applied');
  const others = batch.inbox.filter(({ outcome }) => outcome !== 'applied');
  const fresh = applied.filter(({ first }) => first);
  const ended = applied.filter(({ first }) => !first);
  addMessages(found, 'fresh', fresh);
  addMessages(found, 'ended', ended);
  if (ended.length > 0) found.set('ended#', ended.length);
  if (applied.length > 0) {
    found.set('pageKeys', [...new Set(applied.map(({ key }) => pageKey(key)))]);
    found.set('page', pageBody(applied));
  }
  const first = others.filter((row) => row.first).map(inboxWireRow);
  const again = others.filter((row) => !row.first).map(inboxWireRow);
  if (first.length > 0) found.set('inboxFirst', rowsText(first));
  if (again.length > 0) {
    found.set('inboxAgain', rowsText(again));
    found.set('inboxAgain#', again.length);
  }
}

function addMessages(found: Sections, key: string, rows: readonly InboxRow[]): void {
  if (rows.length === 0) return;
  const ids = rows.map(({ messageId }) => messageId);
  found.set(`${key}Ids`, ids);
  found.set(
    `${key}Groups`,
    rows.map(({ group }) => group),
  );
}

const inboxWireRow = (row: InboxRow): object => ({
  g: row.group,
  m: row.messageId,
  k: row.key,
  t: row.type,
  s: row.source,
  c: row.correlationId,
  p: row.causationId,
  h: row.channel,
  b: row.broker,
  n: row.attempt,
  o: row.outcome,
  a: row.at,
  d: Math.round(row.durationMs),
});

function addStates(found: Sections, batch: Batch, seldom: CommitBatch['seldom']): void {
  const byTable = groupBy(batch.states, ({ table }) => table.table);
  for (const [table, writes] of byTable) {
    const rows = [...writes].sort((a, b) => (a.id < b.id ? -1 : 1));
    const fresh = rows.filter(({ loaded }) => loaded === 0);
    const known = rows.filter(({ loaded }) => loaded > 0);
    if (fresh.length > 0) {
      const rows = fresh.map(({ value, version }) => ({ ...value, _version: version }));
      found.set(`new:${table}`, JSON.stringify(rows));
    }
    addKnown(found, table, known, seldom.get(table) ?? []);
  }
  for (const [{ table }, reads] of groupBy(batch.reads ?? [], (read) => read.table)) {
    const rows = reads.map(({ id, version }) => ({ id, v: version }));
    addExact(
      found,
      `read:${table}`,
      rows.filter(({ v }) => v > 0),
    );
    const absent = rows.filter(({ v }) => v === 0);
    if (absent.length > 0) found.set(`none:${table}`, JSON.stringify(absent));
  }
  for (const [{ table }, events] of groupBy(batch.events, (event) => event.table)) {
    const rows = events.map(({ streamId, version, event, at, messageId }) => ({
      stream_id: streamId,
      version,
      type: event.type,
      data: event.data,
      at,
      message_id: messageId,
    }));
    addExact(found, `event:${table}`, rows);
  }
  for (const [{ table }, rows] of groupBy(batch.entries, (entry) => entry.table)) {
    found.set(`entry:${table}`, JSON.stringify(rows.map(({ row }) => row)));
  }
}

/** Rows that leave the `seldom` columns unchanged are sent without these columns. */
function addKnown(
  found: Sections,
  table: string,
  known: readonly StateWrite[],
  seldom: readonly string[],
): void {
  const full: object[] = [];
  const lean: object[] = [];
  for (const { value, before, version, loaded } of known) {
    const row = { ...value, _version: version, _loaded: loaded } as Record<string, unknown>;
    const old = before as Record<string, unknown> | undefined;
    const isLean = seldom.length > 0 && seldom.every((name) => row[name] === old?.[name]);
    if (isLean) for (const name of seldom) row[name] = undefined;
    (isLean ? lean : full).push(row);
  }
  addExact(found, `old:${table}`, full);
  addExact(found, `lean:${table}`, lean);
}

function addWaiting(found: Sections, batch: Batch): void {
  const defer = batch.defer.map((row) => ({
    group_name: row.group,
    message_id: row.messageId,
    shard: row.partition,
    key: row.key,
    channel: row.channel,
    body: row.body,
    attempt: row.attempt,
    first_at: row.firstAt,
    due_at: row.dueAt,
    reason: row.reason,
    error: row.error,
  }));
  const undefer = batch.undefer.map((row) => ({
    group_name: row.group,
    message_id: row.messageId,
  }));
  const deadLetter = batch.deadLetter.map((row) => ({
    id: row.id,
    group_name: row.group,
    message_id: row.messageId,
    shard: row.partition,
    key: row.key,
    type: row.type,
    channel: row.channel,
    handler: row.handler,
    ...originalOf(row),
    attempts: row.attempts,
    code: row.code,
    error: row.error,
    stack: row.stack,
    first_at: row.firstAt,
    at: row.at,
  }));
  if (defer.length > 0) found.set('park', rowsText(defer));
  if (undefer.length > 0) found.set('unpark', JSON.stringify(undefer));
  if (deadLetter.length > 0) found.set('bury', rowsText(deadLetter));
  if (batch.outbox.length > 0) addOutbox(found, batch.outbox);
}

/** The original message in a form that PostgreSQL can store and that restores it byte for byte. */
function originalOf({ body, bytes }: Batch['deadLetter'][number]) {
  if (bytes) {
    const body_bytes = `\\x${Buffer.from(bytes).toString('hex')}`;
    return { body: '', body_escaped: false, body_bytes };
  }
  const plain = isStorable(body);
  return { body: plain ? body : JSON.stringify(body), body_escaped: !plain, body_bytes: null };
}

/** Pages are sent as bytes, which need no parsing or escaping; the few other rows are sent as JSON. */
function addOutbox(found: Sections, outbox: Batch['outbox']): void {
  const pages = pagesOf(outbox);
  if (pages.length > 0) {
    const parts: string[] = [];
    let start = 1;
    const rows = pages.map(({ broker, places }) => {
      const messages = places.map((place) => outbox[place] as OutboxRow);
      const { head, bodies } = pageBytes(messages);
      const h = Buffer.byteLength(head);
      const z = messages.reduce((sum, { bytes }) => sum + bytes, h);
      const outboxPartitions = outboxPartitionsMask(
        messages.map(({ outboxPartition }) => outboxPartition),
      );
      const row = { b: broker, l: String(outboxPartitions), n: places.length, h, s: start, z };
      start += z;
      parts.push(head, bodies);
      return row;
    });
    found.set('pages', JSON.stringify(rows));
    found.set('pageBytes', Buffer.from(parts.join('')));
  }
  const single = singlesOf(outbox);
  if (single.length > 0) {
    const rows = single.map((place) => {
      const { id, broker, outboxPartition, channel, key, dueAt, body } = outbox[place] as OutboxRow;
      return { id, broker, lane: outboxPartition, channel, key, due_at: dueAt, body };
    });
    found.set('outbox', JSON.stringify(rows));
  }
}
