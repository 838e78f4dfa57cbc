import { describe, expect, it } from '@jest/globals';
import { traceFrom, traceIdOf } from './trace.ts';

const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
const form = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

const traceparentFrom = (header: unknown): string => traceFrom(header).traceparent;

describe('a traceparent', () => {
  it.each([
    [`00-${trace}-00f067aa0ba902b7-01`, '01'],
    [`00-${trace}-00f067aa0ba902b7-00`, '00'],
    [`01-${trace}-00f067aa0ba902b7-01-more`, '01'],
  ])('continues %s with its flags', (header, flags) => {
    expect(traceparentFrom(header)).toMatch(new RegExp(`^00-${trace}-[0-9a-f]{16}-${flags}$`));
  });

  it.each([
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-01-more`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `01-${trace}-00f067aa0ba902b7-01-${'x'.repeat(500)}`,
    ['a', 'b'],
  ])('is new where %j came', (header) => {
    const made = traceparentFrom(header);
    expect(made).toMatch(form);
    expect(made).not.toContain(trace);
  });

  it.each([undefined, `00-${trace}-00f067aa0ba902b7-01`])(
    'has the id that messages carry as their correlation: %s',
    (header) => {
      const { correlationId, traceparent } = traceFrom(header);
      expect(correlationId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(traceparent.split('-')[1]).toBe(traceIdOf(correlationId));
    },
  );

  it('is another one each time', () => {
    const many = new Set(Array.from({ length: 1_000 }, () => traceparentFrom(undefined)));
    expect(many.size).toBe(1_000);
  });
});
