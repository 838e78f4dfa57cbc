/** A value that a deployed service takes for the password, secret or key named `variable`. */
export function realValue(variable: string): string {
  const long = `${variable.toLowerCase().replaceAll('_', '-')}-of-a-system-with-customers`;
  if (variable === 'STRIPE_SECRET_KEY') return `sk_live_${long.replaceAll('-', '')}`;
  return variable.endsWith('_WEBHOOK_SECRET')
    ? `whsec_${Buffer.from(long).toString('base64')}`
    : long;
}
