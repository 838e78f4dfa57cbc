/** No answer, or an answer that says "not yet"; a wrong name, user or password is neither. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  // PostgreSQL: starting up or shutting down, too many connections.
  '57P01',
  '57P03',
  '53300',
]);

const deepest = 5;

/** True for an error that is over when what it speaks of is up: looks through causes and collected errors. */
export function isAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > deepest) return false;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string' && awayCodes.has(code)) return true;
  if (Array.isArray(errors) && errors.some((each) => isAway(each, depth + 1))) return true;
  return isAway(cause, depth + 1);
}
