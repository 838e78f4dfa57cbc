/** A length of time in the largest unit that it fills: `240 ms`, `3.2 s`, `12 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 2 * 3_600_000) return `${Math.round(ms / 60_000)} min`;
  if (ms < 48 * 3_600_000) return `${Math.round(ms / 3_600_000)} h`;
  return `${Math.round(ms / 86_400_000)} days`;
}

/** How long after something, in the same unit for all that follows within minutes: `+240 ms`, `+64.12 s`. */
export const since = (ms: number): string =>
  `+${ms < 1_000 || ms >= 600_000 ? duration(ms) : `${(ms / 1_000).toFixed(2)} s`}`;

/** The time of day of a moment of today, else its date too. */
export function moment(at: string): string {
  const time = new Date(at);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? time.toLocaleTimeString() : time.toLocaleString();
}

/** With as many decimals as are worth reading. */
export const figure = (value: number): string =>
  value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 });

export const percent = (share: number): string =>
  share.toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 });

/** A figure that may not have come yet, or that the system does not know. */
export const known = (
  value: number | null | undefined,
  format: (value: number) => string,
): string => {
  if (value === undefined) return '…';
  return value === null ? 'unknown' : format(value);
};

/** A value of a check with its unit, as `/health` has them. */
export const amount = (value: number, unit: string): string =>
  unit === 'ms' ? duration(value) : `${figure(value)} ${inNumber(unit, value)}`;

const inNumber = (unit: string, value: number): string =>
  (value === 1 ? unit.replace(/^(message|saga|migration)s$/, '$1') : unit).replace(
    /^1 = /,
    'of 1 ',
  );
