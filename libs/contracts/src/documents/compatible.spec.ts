import { describe, expect, it } from '@jest/globals';
import { event } from '@waybill/message';
import { z } from 'zod';
import { compatible } from './compatible.ts';
import { schemaOf } from './json-schema.ts';

const inner = z.strictObject({ city: z.string().max(10) }).meta({ id: 'SpecPlace' });
const shape = {
  id: z.uuid(),
  mood: z.enum(['good', 'bad']),
  note: z.string().optional(),
  place: inner,
  tags: z.array(z.string()).max(5),
};

const schema = (change: z.ZodRawShape) =>
  schemaOf(
    event('spec.happened', {
      summary: 'x',
      schema: z.strictObject({ ...shape, ...change }),
      key: () => '',
    }),
  );

const before = schema({});
const changed = (change: z.ZodRawShape) => compatible(before, schema(change));

describe('a change of a schema', () => {
  it('may add an optional property, at any depth', () => {
    expect(changed({})).toEqual([]);
    expect(changed({ extra: z.int().optional() })).toEqual([]);
    const place = z.strictObject({ city: z.string().max(10), zip: z.string().optional() });
    expect(changed({ place })).toEqual([]);
  });

  it('may change what people read', () => {
    expect(compatible(before, { ...before, description: 'y', title: 'z' })).toEqual([]);
  });

  it.each<[string, z.ZodRawShape, string]>([
    ['adds a required property', { extra: z.int() }, '/extra was added and is required'],
    ['makes a property required', { note: z.string() }, '/note became required'],
    ['makes a property optional', { id: z.uuid().optional() }, '/id became optional'],
    ['changes a type', { note: z.int().optional() }, '/note/type changed'],
    ['adds a value', { mood: z.enum(['good', 'bad', 'odd']) }, '/mood/enum changed'],
    ['removes a value', { mood: z.enum(['good']) }, '/mood/enum changed'],
    ['adds a bound', { note: z.string().max(3).optional() }, '/note/maxLength was added'],
    ['removes a bound', { tags: z.array(z.string()) }, '/tags/maxItems was removed'],
    ['changes items', { tags: z.array(z.int()).max(5) }, '/tags/items/type changed'],
    [
      'changes a part that others share',
      { place: z.strictObject({ city: z.string().max(20) }) },
      '/place/city/maxLength changed',
    ],
  ])('must not be one that %s', (_, change, problem) => {
    expect(changed(change)).toContain(problem);
  });

  it('must not remove a property', () => {
    const { note: _, ...rest } = shape;
    const without = schemaOf(
      event('spec.happened', { summary: 'x', schema: z.strictObject(rest), key: () => '' }),
    );
    expect(compatible(before, without)).toEqual(['/note was removed']);
  });
});
