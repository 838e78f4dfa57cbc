import { BrokerAway, InvalidBrokerSetting } from '@waybill/messaging';
/** Redis pub/sub stores nothing, so it cannot carry messages that must arrive. */
export class NotPromised extends Error {
  readonly code = 'not_promised';
  readonly retriable = false;
  constructor(what: string) {
    super(`redis carries live messages only: ${what} needs a broker that keeps messages`);
    this.name = 'NotPromised';
  }
}

const unfixable: readonly (readonly [RegExp, (place: string, told: string) => string])[] = [
  [
    /^(WRONGPASS|NOAUTH|ERR invalid password|ERR AUTH)|without any password|no password is set/,
    (place, told) => `is not what Redis at ${place} accepts: user or password is wrong (${told})`,
  ],
  [/^NOPERM/, (place, told) => `names a user who may not do this at ${place} (${told})`],
  [/CERT|SELF_SIGNED|UNABLE_TO_|HOSTNAME/, untrusted],
  [
    /EPROTO|WRONG_VERSION|SSL/,
    (place) => `says rediss, but ${place} does not speak TLS; redis is without`,
  ],
  [/ParserError|Protocol error/, (place) => `leads to ${place}, which is no Redis`],
];

function untrusted(place: string, told: string): string {
  return `leads to ${place}, whose certificate is not trusted (${told}); REDIS_CA_FILE names its authority`;
}

/** Errors that the client identifies only by name. */
const names: Readonly<Record<string, string>> = {
  ParserError: 'ParserError',
  MaxRetriesPerRequestError: 'the connection broke',
};

/**
 * Explains a connection failure in one line. It creates a new error from the code or the first words, because the
 * client's own errors contain the failed command, and so the password.
 */
export function explained(error: unknown, place: string): InvalidBrokerSetting | BrokerAway {
  const { code, message, name } = error as NodeJS.ErrnoException;
  const text = names[name] ?? code ?? message ?? 'no reason';
  for (const [pattern, reason] of unfixable) {
    if (pattern.test(text)) {
      return new InvalidBrokerSetting('REDIS_URL', reason(place, text.slice(0, 120)));
    }
  }
  return new BrokerAway('REDIS_URL', `nothing answers at ${place} (${text.slice(0, 120)})`);
}
