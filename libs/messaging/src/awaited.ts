import type { Kind } from '@waybill/message';

const awaited: ReadonlySet<Kind> = new Set(['command', 'reply', 'task', 'request', 'local']);

/** Whether somebody waits for what comes of messages of this kind; the others tell what has happened already. */
export const isAwaited = (kind: Kind): boolean => awaited.has(kind);
