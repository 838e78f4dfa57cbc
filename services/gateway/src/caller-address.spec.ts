import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { callerBehind, canonicalAddress, isForwarded } from './caller-address.ts';

const of = (remoteAddress: string | undefined, header?: string) =>
  ({
    headers: header === undefined ? {} : { 'x-forwarded-for': header },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

describe('the caller of a request', () => {
  const known = callerBehind(['10.1.0.0/16', '2001:db8:1::/48', 'loopback']);

  it('is the peer where no proxy is trusted, whatever a header says', () => {
    const direct = callerBehind([]);
    expect(direct(of('127.0.0.1', '203.0.113.7'))).toBe('127.0.0.1');
    expect(direct(of(undefined, '203.0.113.7'))).toBeUndefined();
  });

  it.each([
    ['198.51.100.9', '203.0.113.7'],
    ['10.2.0.1', '203.0.113.7'],
    ['::ffff:10.2.0.1', '203.0.113.7'],
    ['2001:db8:2::1', '203.0.113.7, 10.1.0.1'],
  ])('is an untrusted peer %s that claims to speak for %s', (peer, header) => {
    expect(known(of(peer, header))).toBe(peer);
  });

  it.each([
    ['who sent it to a trusted proxy', '10.1.0.1', '203.0.113.7', '203.0.113.7'],
    ['by a proxy whose IPv4 address is mapped', '::ffff:10.1.0.1', '203.0.113.7', '203.0.113.7'],
    ['by a proxy of IPv6', '2001:db8:1::5', '2001:DB8:9:0::7', '2001:db8:9::7'],
    ['by two proxies', '127.0.0.1', '203.0.113.7, 10.1.0.1', '203.0.113.7'],
    ['by an outer proxy that is not trusted', '10.1.0.1', '203.0.113.7, 10.2.0.1', '10.2.0.1'],
    ['behind a forged beginning', '10.1.0.1', '8.8.8.8, 10.1.0.9, 203.0.113.7', '203.0.113.7'],
    ['behind garbage', '10.1.0.1', '<script>,,\u0001, 203.0.113.7', '203.0.113.7'],
    ['the outermost of trusted ones alone', '10.1.0.1', '10.1.0.2,10.1.0.3', '10.1.0.2'],
    ['with a port', '10.1.0.1', '203.0.113.7:51234', '203.0.113.7'],
    ['in brackets', '10.1.0.1', '[2001:db8:9::7]', '2001:db8:9::7'],
    ['in brackets with a port', '10.1.0.1', '[2001:db8:9::7]:443', '2001:db8:9::7'],
    ['mapped into IPv6', '10.1.0.1', '::ffff:cb00:7107', '::ffff:203.0.113.7'],
    ['with a zone', '10.1.0.1', 'fe80::7%eth0', 'fe80::7'],
    ['without spaces', '10.1.0.1', '8.8.8.8,203.0.113.7', '203.0.113.7'],
    ['with many', '10.1.0.1', ' \t203.0.113.7 \t', '203.0.113.7'],
  ])('is read from the right: %s', (_, peer, header, caller) => {
    expect(known(of(peer, header))).toBe(caller);
  });

  it.each([
    '',
    ' ',
    ',',
    '203.0.113.7,',
    'unknown',
    '_hidden',
    'localhost',
    '127.1',
    '1',
    '0x7f.0.0.1',
    '010.1.1.1',
    '203.0.113.256',
    '203.0.113.7:http',
    '203.0.113.7:123456',
    '"203.0.113.7"',
    '[203.0.113.7',
    '[]:80',
    '::ffff:203.0.113.7.8',
    'for=203.0.113.7',
    'x'.repeat(16_000),
  ])('is the proxy that has added %p, which is no address', (header) => {
    expect(known(of('10.1.0.1', header))).toBe('10.1.0.1');
    expect(known(of('127.0.0.1', `${header}, 10.1.0.1`))).toBe('10.1.0.1');
  });

  it('is not looked for without end', () => {
    const header = `203.0.113.7, ${Array.from({ length: 1_200 }, () => '10.1.0.2').join(', ')}`;
    expect(known(of('10.1.0.1', header))).toBe('10.1.0.2');
  });

  it('is the trusted proxy itself where it speaks for nobody, as when it asks for our health', () => {
    expect(known(of('10.1.0.1'))).toBe('10.1.0.1');
  });

  it('has one spelling', () => {
    const spellings = ['::FFFF:1.2.3.4', '0:0:0:0:0:ffff:0102:0304', '::ffff:102:304'];
    expect(new Set(spellings.map(canonicalAddress))).toEqual(new Set(['::ffff:1.2.3.4']));
    expect(canonicalAddress('1.2.3.4')).toBe('1.2.3.4');
  });
});

it('knows a request that a proxy has passed on by the names of its headers alone', () => {
  const has = (...rawHeaders: string[]) => isForwarded({ rawHeaders });
  expect(has('host', 'x', 'user-agent', 'X-Forwarded-For')).toBe(false);
  for (const name of ['X-Forwarded-For', 'x-forwarded-proto', 'Forwarded', 'Via', 'X-Real-IP'])
    expect([name, has('host', 'x', name, '')]).toEqual([name, true]);
});
