/** A span of time as people write it: `500ms`, `30s`, `15m`, `2h`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`;

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `duration` in milliseconds; throws a `TypeError` for what is no positive span. */
export function toMilliseconds(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(duration) ?? [];
  const value = Number(amount) * milliseconds[unit as keyof typeof milliseconds];
  if (!(value > 0)) throw new TypeError(`"${duration}" is no duration: use 500ms, 30s, 15m or 2h`);
  return value;
}
