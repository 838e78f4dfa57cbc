import { BatchConflict, type StoreFailure } from '@waybill/messaging';

/** The SQLSTATE of a database error, the code of a connection error, or an empty string. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';

/**
 * Classifies a database error. Values and constraints (22, 23, 54, and errors raised by a trigger) mean that the data
 * is wrong; a lost race is a conflict; everything else, known or not, is not caused by the messages.
 */
export function storeFailure(error: unknown): StoreFailure {
  if (error instanceof BatchConflict) return 'conflict';
  const code = codeOf(error);
  if (/^(22|23|54)[0-9A-Z]{3}$/.test(code) || code === 'P0001') return 'data';
  return ['40001', '40P01', '55P03'].includes(code) ? 'conflict' : 'unavailable';
}
