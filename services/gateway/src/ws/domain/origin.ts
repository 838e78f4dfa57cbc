/**
 * Whether a page of this origin may connect. Browsers do not apply CORS to WebSockets, but send the origin of the page and let no
 * script change it. With an empty list the page must be of the host that it calls.
 */
export function mayConnect(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (!origin || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  if (url.origin === 'null') return false;
  if (allowed.length > 0) return allowed.includes(url.origin);
  // The scheme is not compared: a proxy in front may terminate TLS.
  return host !== undefined && url.host === hostWithoutDefaultPort(url.protocol, host);
}

function hostWithoutDefaultPort(protocol: string, host: string): string | undefined {
  const whole = `${protocol}//${host}`;
  return URL.canParse(whole) ? new URL(whole).host : undefined;
}
