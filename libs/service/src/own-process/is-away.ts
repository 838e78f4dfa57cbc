/** Codes for no response, or a response that means "not yet"; a wrong name, user or password is neither. */
const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  // A container's name resolves only while the container runs.
  'ENOTFOUND',
  // The service itself, on a machine that is slow during startup: its own first messages wait too long.
  'overloaded',
  'unavailable',
  // Codes of the broker adapters.
  'broker_away',
  'broker_blocked',
  // PostgreSQL: starting up or shutting down, too many connections.
  '57P01',
  '57P03',
  '53300',
]);
/** Some clients report the cause only in the message. */
const awayWords =
  /\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|EAI_AGAIN|ENOTFOUND)\b|connection timeout|timed out|timeout expired/i;

const deepest = 5;

/** True for an error that ends when the dependency is up; looks into causes and aggregate errors. */
export function isAway(error: unknown, depth = 0): boolean {
  if (typeof error !== 'object' || error === null || depth > deepest) return false;
  const { name, code, message, cause, errors, retriable } = error as Record<string, unknown>;
  if (retriable === false) return false;
  // A request that timed out.
  if (name === 'TimeoutError') return true;
  if (typeof code === 'string' && awayCodes.has(code)) return true;
  if (typeof message === 'string' && awayWords.test(message)) return true;
  if (Array.isArray(errors) && errors.some((each) => isAway(each, depth + 1))) return true;
  return isAway(cause, depth + 1);
}
