/** An amount in minor units as people write it, such as 1,234.50; currencies have no, two or three digits of them. */
export function amountText(amount: number, currency: string): string {
  const digits = minorDigits(currency);
  const padded = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits).replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = amount < 0 ? '-' : '';
  return `${sign}${whole}${digits > 0 ? `.${padded.slice(-digits)}` : ''}`;
}

/** A rate in hundredths of a percent, such as 25.5 %. */
export const rateText = (rate: number): string => `${rate / 100} %`;

const known = new Map<string, number>();

/** Kept, because a format takes longer to make than a line of an invoice to draw. */
function minorDigits(currency: string): number {
  let digits = known.get(currency);
  if (digits === undefined) {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency });
    digits = format.resolvedOptions().maximumFractionDigits ?? 2;
    known.set(currency, digits);
  }
  return digits;
}
