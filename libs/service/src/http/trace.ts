import { randomUUID } from 'node:crypto';

const form = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const noTrace = '0'.repeat(32);
const noSpan = '0'.repeat(16);
const hex = (): string => randomUUID().replaceAll('-', '');

/** The caller's trace with a span of our own, or a new trace when the header is absent or not W3C Trace Context. */
export function traceparentFrom(header: unknown): string {
  const span = hex().slice(0, 16);
  if (typeof header === 'string' && header.length <= 512) {
    const [, version, trace, parent, flags, more] = form.exec(header) ?? [];
    const known = version !== undefined && version !== 'ff' && !(version === '00' && more);
    if (known && trace !== noTrace && parent !== noSpan) return `00-${trace}-${span}-${flags}`;
  }
  return `00-${hex()}-${span}-01`;
}
