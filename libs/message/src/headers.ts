import { InvalidMessage } from './data.ts';
import { isStorable } from './fields.ts';

/** Headers that a publisher adds to one message: flat strings, on which subscriptions filter as on the attributes of its contract. */
export type Headers = Readonly<Record<string, string>>;

const most = { count: 16, characters: 255, bytes: 4_096 };
const namePattern = /^[a-z][a-z0-9-]{0,63}$/;
/** What brokers carry of every message; a header of this name would be taken for it. */
const reserved: ReadonlySet<string> = new Set(
  (
    'id type version kind key priority source sequence channel routing-key correlation-id causation-id occurred-at expires-at ' +
    'content-type content-encoding traceparent tracestate baggage waybill overflow'
  ).split(' '),
);

/**
 * Checks the headers of a message; `derived` are the attributes that its contract derives from the data. Throws `InvalidMessage`,
 * which names each header and the rule that it breaks.
 */
export function checkHeaders(type: string, headers: Headers, derived: Headers): void {
  const entries = Object.entries(headers);
  const problems = entries.flatMap(([name, value]) => {
    const message = nameProblem(name, derived) ?? valueProblem(value);
    return message ? [{ path: `/headers/${name.slice(0, 64)}`, message }] : [];
  });
  const message = sizeProblem(entries);
  if (message) problems.push({ path: '/headers', message });
  if (problems.length > 0) throw new InvalidMessage(type, problems);
}

function nameProblem(name: string, derived: Headers): string | null {
  if (!namePattern.test(name))
    return 'is no name of 1 to 64 lower-case letters, digits and hyphens, the first a letter';
  if (reserved.has(name)) return 'is a name that every message uses itself';
  return Object.hasOwn(derived, name) ? 'is an attribute that the contract derives' : null;
}

function valueProblem(value: unknown): string | null {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= most.characters;
  return fits && isStorable(value) && !/\p{Cc}/u.test(value)
    ? null
    : `is no text of 1 to ${most.characters} characters without control characters`;
}

function sizeProblem(entries: readonly (readonly [string, string])[]): string | null {
  if (entries.length > most.count) return `are more than ${most.count}`;
  const bytes = entries.reduce((sum, each) => sum + Buffer.byteLength(each.join('')), 0);
  return bytes > most.bytes ? `are larger than ${most.bytes} bytes together` : null;
}
