/** Where data lie that are too large for a broker; messages carry a reference to them (claim check). */
export interface BlobStore {
  /** Stores bytes for good and answers how to find them: the same bytes, the same reference. Rejects when it cannot. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of a reference; null when nothing is there (any more). Rejects when the store cannot be asked. */
  get(reference: string): Promise<Uint8Array | null>;
}
