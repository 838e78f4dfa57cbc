import { hash } from 'node:crypto';
import type { BlobStore } from '../blob-store.ts';

/** A blob store in memory, which a test can empty and switch off. */
export class MemoryBlobs implements BlobStore {
  readonly stored = new Map<string, Uint8Array>();
  off = false;

  async put(bytes: Uint8Array): Promise<string> {
    this.#refuseIfOff();
    const reference = hash('sha256', bytes, 'hex');
    this.stored.set(reference, bytes);
    return reference;
  }

  async get(reference: string): Promise<Uint8Array | null> {
    this.#refuseIfOff();
    return this.stored.get(reference) ?? null;
  }

  #refuseIfOff(): void {
    if (this.off) throw new Error('the store is away');
  }
}
