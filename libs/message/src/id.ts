import { hash, randomUUID } from 'node:crypto';

let latest = { at: 0, text: '' };

/**
 * A new time-ordered identifier (UUID version 7, RFC 9562). Its random part comes from the
 * pool of `randomUUID`, which is several times faster than drawing bytes for each id.
 */
export function newId(now: Date = new Date()): string {
  const random = randomUUID();
  return `${timeText(now.getTime())}-7${random.slice(15, 18)}-${random.slice(19)}`;
}

/** The first 48 bits, cached because they change once per millisecond. */
function timeText(at: number): string {
  if (latest.at !== at) {
    const hex = at.toString(16).padStart(12, '0');
    latest = { at, text: `${hex.slice(0, 8)}-${hex.slice(8)}` };
  }
  return latest.text;
}

/**
 * The identifier that `cause` gives to `name`: always the same for the same two, so that deciding again
 * gives the same ids. It keeps the time of its cause, because the inbox is partitioned by that time.
 */
export function derivedId(cause: string, name: string): string {
  const hex = hash('sha1', `${cause}/${name}`, 'hex');
  const variant = ((Number.parseInt(hex.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return `${cause.slice(0, 13)}-7${hex.slice(0, 3)}-${variant}${hex.slice(4, 7)}-${hex.slice(7, 19)}`;
}

/** The moment inside a version 7 identifier, in milliseconds since the epoch. */
export const timeOfId = (id: string): number =>
  Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The partition of a key, by FNV-1a: the same in every process and every release. */
export function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i += 1) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
