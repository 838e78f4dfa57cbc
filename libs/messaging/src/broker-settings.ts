import type { Clock } from './clock.ts';

/** Options of every broker that has a server, besides its address. */
export interface ServerBrokerOptions {
  /** The client name that the tools of the server show. */
  readonly service: string;
  /** A unique name that this replica keeps over restarts; default: none, or a random one. */
  readonly instance?: string;
  /** Prefix of everything that is created at the server. */
  readonly namespace?: string;
  readonly clock?: Clock;
  /** Called when a connection breaks or cannot be restored; the error never contains a password. */
  readonly onTrouble?: (what: string, error: Error) => void;
}

/** A setting is invalid, so a retry cannot succeed. The message names it in one line and contains no password. */
export class InvalidBrokerSetting extends Error {
  readonly code = 'invalid_broker_setting';
  readonly retriable = false;
  constructor(
    readonly setting: string,
    reason: string,
  ) {
    super(`${setting} ${reason}`);
    this.name = 'InvalidBrokerSetting';
  }
}

/** Minimum, maximum and default of each number among the options of a broker. */
export type Bounds<N extends string> = Readonly<Record<N, readonly [number, number, number]>>;

/** The numbers among options, with their defaults; throws `InvalidBrokerSetting` for one out of its bounds. */
export function knobsFrom<N extends string>(
  options: Readonly<Partial<Record<N, number>>>,
  bounds: Bounds<N>,
): Readonly<Record<N, number>> {
  const read = (name: N): number => {
    const [least, most, usual] = bounds[name];
    const value = options[name] ?? usual;
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw new InvalidBrokerSetting(
      name,
      `is ${value}, but must be a whole number from ${least} to ${most}`,
    );
  };
  const names = Object.keys(bounds) as N[];
  return Object.fromEntries(names.map((name) => [name, read(name)])) as Record<N, number>;
}
