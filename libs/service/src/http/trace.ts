const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);
const bytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The caller's trace with a span of our own, or a new trace when the header is absent or not W3C Trace Context. */
export function traceparentFrom(header: unknown): string {
  if (typeof header === 'string' && header.length <= 512) {
    const [, version, trace, parent, flags, more] = form.exec(header) ?? [];
    const known = version !== undefined && version !== 'ff' && !(version === '00' && more);
    if (known && trace !== noTrace && parent !== noSpan) return `00-${trace}-${span()}-${flags}`;
  }
  return `00-${word()}${word()}${span()}-${span()}-01`;
}

const span = (): string => `${word()}${word()}`;

/** Ids of traces are no secrets, so they need not cost what secrets cost. Never 0, which would be no id. */
function word(): string {
  const random = 1 + Math.floor(Math.random() * 0xffffffff);
  return `${bytes[random >>> 24]}${bytes[(random >>> 16) & 255]}${bytes[(random >>> 8) & 255]}${bytes[random & 255]}`;
}
