import process from 'node:process';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { hostConfig } from './host.config.ts';

const megabyte = 1024 * 1024;
const limitWith = (env: Readonly<Record<string, string>>): number =>
  hostConfig.parse({ DATABASE_URL: 'postgres://waybill:waybill@db:5432/waybill', ...env }).limits
    .memoryMb;

describe('the memory from which on a process is unhealthy', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it.each([
    ['256 MB', 'the limit of its container', 256 * megabyte, 256],
    ['2,048 MB', 'a container that may have more', 8_192 * megabyte, 2_048],
    ['2,048 MB', 'a process without a limit', 2 ** 64, 2_048],
    ['2,048 MB', 'a system that knows no limits', 0, 2_048],
  ])('is %s: %s', (_, __, bytes, expected) => {
    jest.spyOn(process, 'constrainedMemory').mockReturnValue(bytes);
    expect(limitWith({})).toBe(expected);
  });

  it('is MEMORY_LIMIT_MB where that is set', () => {
    jest.spyOn(process, 'constrainedMemory').mockReturnValue(256 * megabyte);
    expect(limitWith({ MEMORY_LIMIT_MB: '200' })).toBe(200);
  });
});
