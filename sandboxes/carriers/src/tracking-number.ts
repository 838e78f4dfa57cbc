const weights = [8, 6, 4, 2, 3, 5, 9, 7];

/** A tracking number of the postal standard S10: prefix, eight digits, check digit, country. */
export function trackingNumber(prefix: string, serial: number): string {
  const digits = String(serial % 100_000_000).padStart(8, '0');
  const sum = weights.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  const check = 11 - (sum % 11);
  return `${prefix}${digits}${check === 10 ? 0 : check === 11 ? 5 : check}DE`;
}
