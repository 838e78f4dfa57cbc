import { expect, it } from '@jest/globals';
import { reasonOf } from './dbos.ts';

it('says in short why npm could not install', () => {
  const stderr = [
    'npm error code ENOTFOUND',
    'npm error syscall getaddrinfo',
    'npm error network request to https://registry.example.com failed',
    'npm error A complete log of this run can be found in: /root/.npm',
  ].join('\n');
  expect(reasonOf(Object.assign(new Error('Command failed'), { stderr }))).toBe(
    'ENOTFOUND: syscall getaddrinfo',
  );
  expect(reasonOf(new Error('spawn npm ENOENT'))).toBe('spawn npm ENOENT');
});
