import { z } from 'zod';

/** A whole number in a query, in decimal digits only: `0x10`, `1e3`, ` 5` and an empty string are refused. */
export function wholeNumber(least: number, most: number) {
  const rule = `is an integer from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,16}$/, rule)
    .transform(Number)
    .refine((number) => number >= least && number <= most, rule)
    .meta({ override: { type: 'integer', minimum: least, maximum: most } });
}
