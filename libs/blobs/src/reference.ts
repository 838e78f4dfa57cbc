import { hash } from 'node:crypto';

const pattern = /^[0-9a-f]{64}$/;

/** The reference of bytes is their SHA-256, so storing them again stores nothing new. */
export const referenceOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

/** Whether text can be a reference. It comes from messages, which may contain anything, and becomes a path. */
export const isReference = (text: string): boolean => pattern.test(text);

/** The path of the bytes below the root, spread over folders because some stores are slow with many files in one. */
export const placeOf = (reference: string): string =>
  `${reference.slice(0, 2)}/${reference.slice(2)}`;
