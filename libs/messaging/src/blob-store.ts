/** Stores data that are too large for a broker; messages carry a reference to them (claim check). */
export interface BlobStore {
  /** Stores bytes durably and returns their reference; the same bytes give the same reference. Rejects if it cannot. */
  put(bytes: Uint8Array): Promise<string>;
  /** The bytes of a reference; null if nothing is stored there (any more). Rejects if the store is unavailable. */
  get(reference: string): Promise<Uint8Array | null>;
  /** Removes what was last put before a time; resolves with the number of blobs. Absent where the store does that by itself. */
  removePutBefore?(time: Date): Promise<number>;
}
