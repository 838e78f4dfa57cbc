/** Why the gateway closes a connection; those below 4000 are of RFC 6455 and its registry. */
export const closeCodes = {
  /** The gateway stops: connect again, to another. */
  restarting: 1012,
  /** A binary message. */
  unsupported: 1003,
  /** Far too many messages. */
  abuse: 1008,
  /** The token of the ticket has expired. */
  expired: 4401,
  /** The customer is deactivated or erased. */
  inactive: 4403,
} as const;
