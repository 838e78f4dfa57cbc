import { describe, expect, it } from '@jest/globals';
import { isEncrypted } from '@waybill/message';
import { compactDecrypt } from 'jose';
import { DataKeys } from './data-keys.ts';
import { KeysUnavailable, SubjectErased, UnreadableValue } from './errors.ts';
import { FieldCipher } from './field-cipher.ts';
import { MemoryKeys } from './testing/memory-keys.ts';

const address = { name: 'Ada Łovelace', line1: '1 Main St' };

/** A cipher over keys that a test changes, with a clock that it advances. */
function scene() {
  const keys = new MemoryKeys();
  let now = 0;
  const dataKeys = new DataKeys(keys, { now: () => new Date(now) });
  const cipher = new FieldCipher(dataKeys);
  const advance = (seconds: number): void => {
    now += seconds * 1_000;
  };
  return { keys, dataKeys, cipher, advance };
}

describe('a field', () => {
  it('is a compact JWE that any library reads, and no two are alike', async () => {
    const { keys, cipher } = scene();
    const field = await cipher.encrypt('ada.1', address);
    const [key] = await keys.find('ada.1');
    const { plaintext, protectedHeader } = await compactDecrypt(field, key?.key as Buffer);
    expect(JSON.parse(new TextDecoder().decode(plaintext))).toEqual(address);
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'ada.1.1' });
    expect(isEncrypted(field)).toBe(true);
    expect(await cipher.encrypt('ada.1', address)).not.toBe(field);
  });

  it('is read as it was written, whatever the subject is called', async () => {
    const { cipher } = scene();
    for (const subject of ['ada', 'auth0|7', 'a.b.3', '"é\\'])
      for (const value of [address, '', 'x'.repeat(2_000), [null]])
        expect(await cipher.decrypt(await cipher.encrypt(subject, value))).toEqual(value);
  });

  it('of an earlier release is read in plain', async () => {
    const { cipher } = scene();
    expect(await cipher.decrypt(address)).toBe(address);
    expect(await cipher.decrypt('Ada')).toBe('Ada');
  });

  it('that was changed is refused', async () => {
    const { cipher } = scene();
    const field = await cipher.encrypt('ada', address);
    const parts = field.split('.');
    for (const [i, part] of [...parts.entries()].filter(([i]) => i > 1)) {
      const [first, ...rest] = part;
      const changed = parts.with(i, [first === 'A' ? 'B' : 'A', ...rest].join('')).join('.');
      await expect(cipher.decrypt(changed)).rejects.toThrow(UnreadableValue);
    }
    const others = await cipher.encrypt('grace', address);
    const mixed = [others.split('.')[0], ...parts.slice(1)].join('.');
    await expect(cipher.decrypt(mixed)).rejects.toThrow(UnreadableValue);
  });

  it('of an erased subject has no value, and none is written', async () => {
    const { keys, cipher, advance } = scene();
    const field = await cipher.encrypt('ada', address);
    keys.erase('ada');
    advance(60);
    expect(await cipher.decrypt(field)).toBeUndefined();
    await expect(cipher.encrypt('ada', address)).rejects.toThrow(SubjectErased);
  });
});

describe('the keys of a subject', () => {
  it('are read once a minute, also for many readers', async () => {
    const { keys, cipher, advance } = scene();
    await Promise.all([1, 2, 3].map((value) => cipher.encrypt('ada', value)));
    advance(59);
    await cipher.encrypt('ada', 4);
    expect(keys.reads).toBe(1);
    advance(1);
    await cipher.encrypt('ada', 5);
    expect(keys.reads).toBe(2);
  });

  it('are used for 15 minutes while their owner is away', async () => {
    const { keys, cipher, advance } = scene();
    const field = await cipher.encrypt('ada', address);
    keys.isAway = true;
    advance(899);
    expect(await cipher.decrypt(field)).toEqual(address);
    advance(1);
    await expect(cipher.decrypt(field)).rejects.toThrow(KeysUnavailable);
    await expect(cipher.encrypt('grace', address)).rejects.toMatchObject({ retriable: true });
  });

  it('may have a new version, with which others encrypt before it is noticed here', async () => {
    const { keys, cipher } = scene();
    const old = await cipher.encrypt('ada', 'old');
    keys.rotate('ada');
    const elsewhere = await keys.cipher().encrypt('ada', 'new');
    expect(await cipher.decrypt(elsewhere)).toBe('new');
    expect(await cipher.decrypt(old)).toBe('old');
  });

  it('are forgotten when told so', async () => {
    const { keys, dataKeys, cipher } = scene();
    const field = await cipher.encrypt('ada', address);
    keys.erase('ada');
    dataKeys.forget('ada');
    expect(await cipher.decrypt(field)).toBeUndefined();
  });

  it('are forgotten also while they are being read', async () => {
    const { keys, dataKeys, cipher } = scene();
    const field = await keys.cipher().encrypt('ada', address);
    const reading = cipher.decrypt(field);
    keys.erase('ada');
    dataKeys.forget('ada');
    expect(await reading).toEqual(address);
    expect(await cipher.decrypt(field)).toBeUndefined();
  });
});
