import { createRequire } from 'node:module';

interface QueueOfLibrary {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let patched = false;

/**
 * Lets connections of kafkajs 2.2.4 rest: after its first answer each looks for requests that wait, every millisecond
 * and for ever, also when it is closed. That costs a part of a core and keeps the process from ending.
 */
export function letRequestQueuesRest(): void {
  if (patched) return;
  patched = true;
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    prototype: QueueOfLibrary;
  };
  const original = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: QueueOfLibrary) {
    if (this.pending.length > 0) original.call(this);
  };
}
