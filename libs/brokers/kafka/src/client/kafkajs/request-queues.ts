import { createRequire } from 'node:module';

interface QueueOfLibrary {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

let patched = false;

/**
 * Stops an idle loop of kafkajs 2.2.4: after its first response, each connection checks for pending requests every
 * millisecond, even when it is closed. That uses CPU and keeps the process alive.
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
