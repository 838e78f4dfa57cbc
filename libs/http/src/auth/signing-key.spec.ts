import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { developmentKey } from './signing-key.ts';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'waybill-key-')), 'made', 'when-needed');
});
afterEach(() => rmSync(join(folder, '../..'), { recursive: true, force: true }));

describe('the key of the development issuer', () => {
  it('is made once, also when several services start at the same time, for its owner alone', async () => {
    const keys = await Promise.all([1, 2, 3, 4].map(() => developmentKey(folder)));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect((await developmentKey(folder)).id).toBe(keys[0]?.id);
    expect(readdirSync(folder)).toEqual(['development-issuer.jwk.json']);
    expect(statSync(join(folder, 'development-issuer.jwk.json')).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['', 'is empty'],
    ['\0\0\0\0', 'is damaged'],
    ['{"kty":"EC"', 'is damaged'],
    ['null', 'holds no key'],
    ['{}', 'holds no key'],
    ['{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', 'holds no key (it has no private part)'],
    ['{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}', 'holds no key'],
    ['{"kty":"oct","k":"AA","d":"AA"}', 'holds no key'],
    ['{"kty":"EC","crv":"P-384","x":"AA","y":"AA","d":"AA"}', 'holds no key'],
  ])(
    'is refused with the name of its file, and what to do, when that holds %j',
    async (text, says) => {
      await developmentKey(folder);
      const file = join(folder, 'development-issuer.jwk.json');
      writeFileSync(file, text);
      await expect(developmentKey(folder)).rejects.toThrow(`${file} ${says}`);
      await expect(developmentKey(folder)).rejects.toThrow('remove it, and a new key is made');
    },
  );

  it('is refused where a link of its name leads nowhere', async () => {
    await developmentKey(folder);
    const file = join(folder, 'development-issuer.jwk.json');
    rmSync(file);
    symlinkSync(join(folder, 'nowhere'), file);
    await expect(developmentKey(folder)).rejects.toThrow(
      `${file} leads to a file that is not there`,
    );
  });
});
