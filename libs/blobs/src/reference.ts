import { hash } from 'node:crypto';

const pattern = /^[0-9a-f]{64}$/;

/** The reference of bytes: their SHA-256, so that storing them again stores nothing more. */
export const referenceOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

/** Whether text can be a reference; it comes from messages that anybody may have written, and becomes a path. */
export const isReference = (text: string): boolean => pattern.test(text);

/** Where the bytes lie below the root: spread over folders, because some stores are slow with many in one. */
export const placeOf = (reference: string): string =>
  `${reference.slice(0, 2)}/${reference.slice(2)}`;
