import { expect, it } from '@jest/globals';
import { readSettings, settingProblems } from '@waybill/service';
import { gatewayConfig } from './gateway.config.ts';

const read = (TRUSTED_PROXIES?: string) =>
  readSettings('gateway', { TRUSTED_PROXIES }, [gatewayConfig])[0].trustedProxies;

it('trusts no proxy unless a setting names it', () => {
  expect([read(), read(''), read(' , ')]).toEqual([[], [], []]);
});

it('trusts addresses, ranges and names of ranges', () => {
  const list = '192.0.2.7, 10.0.0.0/8,2001:db8::/32 ,::1,::ffff:192.0.2.8,loopback,uniquelocal';
  expect(read(list)).toEqual(list.split(',').map((each) => each.trim()));
});

it.each([
  ['proxy.example', 'is no address such as'],
  ['10', 'is no address such as'],
  ['0x0a.0.0.0/8', 'is no address such as'],
  ['10.0.0.0/255.0.0.0', 'is no address such as'],
  ['10.0.0.0/33', 'is no address such as'],
  ['2001:db8::/129', 'is no address such as'],
  ['10.0.0.0/', 'is no address such as'],
  ['10.0.0.0/8/8', 'is no address such as'],
  ['10.0.0.0/-1', 'is no address such as'],
  ['10.0.0.1:80', 'is no address such as'],
  ['[::1]', 'is no address such as'],
  ['fe80::1%eth0', 'is no address such as'],
  ['Loopback', 'is no address such as'],
  ['true', 'is no address such as'],
  ['*', 'is no address such as'],
  ['0.0.0.0/0', 'is the range of all addresses'],
  ['::/00', 'is the range of all addresses'],
  ['::ffff:0:0/96', 'is a range of IPv4 addresses as IPv6'],
])('refuses %s, and names the variable and the rule', (text, rule) => {
  const problems = settingProblems({ TRUSTED_PROXIES: `10.0.0.0/8,${text}` }, [gatewayConfig]);
  expect(problems).toEqual([expect.stringContaining(`TRUSTED_PROXIES (at 1): ${rule}`)]);
  expect(problems[0]).toContain(`it is "10.0.0.0/8,${text}"`);
});
