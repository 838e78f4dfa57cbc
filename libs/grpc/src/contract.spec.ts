import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { allApis } from '@waybill/contracts/grpc';
import { brokenCallers, contractOf, type GrpcContract } from './contract.ts';

const published = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../contracts/grpc.json'), 'utf8'),
) as GrpcContract;

describe('the contract of the gRPC services', () => {
  it('breaks no caller of what is published', () => {
    expect(brokenCallers(published, contractOf(allApis))).toEqual([]);
  });

  it('is published as it is: "npm run generate" writes it', () => {
    expect(published).toEqual(contractOf(allApis));
  });

  const path = '/waybill.inventory.v1.Catalogue/GetAvailability';
  const message = 'waybill.inventory.v1.Availability';
  const answer = 'waybill.shipping.v1.CarrierAnswer';
  const choice = { ...(published[answer] as object), 4: 'waybill.shipping.v1.NoAnswer no_answer' };
  it.each<[string, GrpcContract]>([
    ['a method that is gone', without(path)],
    ['a message that is gone', without(message)],
    ['a method that streams now', { ...published, [path]: 'A -> stream B' }],
    ['a field that is gone', { ...published, [message]: { 1: 'string sku' } }],
    [
      'a field of another type',
      { ...published, [message]: { 1: 'string sku', 2: 'int32 available' } },
    ],
    ['a field that left its choice', { ...published, [answer]: choice }],
    ['a number used again', { ...published, [message]: { 1: 'string sku', 2: 'int64 reserved' } }],
  ])('would be broken by %s', (_, changed) => {
    expect(brokenCallers(published, changed)).toHaveLength(1);
  });

  it('is not broken by what is new', () => {
    const grown = {
      ...published,
      '/waybill.inventory.v1.Catalogue/More': 'A -> B',
      [message]: { ...(published[message] as object), 3: 'int64 reserved' },
    };
    expect(brokenCallers(published, grown)).toEqual([]);
  });
});

function without(name: string): GrpcContract {
  const { [name]: _, ...rest } = published;
  return rest;
}
