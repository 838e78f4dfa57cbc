const order = JSON.stringify({
  lines: [{ sku: 'LAPTOP-13', quantity: 1 }],
  shippingAddress: {
    name: 'Ada L.',
    line1: '1 Main St',
    line2: null,
    city: 'Berlin',
    postalCode: '10115',
    country: 'DE',
  },
  shippingMethod: 'standard',
  payment: { method: 'card', token: 'tok_visa' },
  note: null,
});

/** The text for people when the system is ready: its URL, the users, and a first order to paste. */
export const banner = (url: string, seconds: number): string => `
Waybill runs at ${url} (started in ${seconds.toFixed(1)} s)

  Shop           ${url}
  Console        ${url}/console (operators)
  Live           ${url}/live
  API documents  ${url}/docs, messages: ${url}/docs/events
  Health         ${url}/health
  Users          ada@example.com, grace@example.com (customers), ops@example.com (operator); password: waybill

A first order, to paste into another terminal:

  TOKEN=$(curl -s ${url}/api/v1/auth/token -H 'content-type: application/json' \\
    -d '{"email":"ada@example.com","password":"waybill"}' | sed 's/.*"accessToken":"\\([^"]*\\)".*/\\1/')
  ORDER=$(curl -s ${url}/api/v1/orders -H "authorization: Bearer $TOKEN" \\
    -H 'content-type: application/json' -d '${order}' | sed 's/^{"id":"\\([^"]*\\)".*/\\1/')
  curl -s "${url}/api/v1/orders/$ORDER?wait=10s" -H "authorization: Bearer $TOKEN"

Ctrl-C stops it. Everything is kept for the next start.
`;
