import { describe, expect, it } from '@jest/globals';
import { endpointRefusal, isPublicAddress } from './endpoint.ts';

const publicOnly = { loopback: false };

const refused = [
  // Other schemes, and no URL at all
  'http://example.com/hook',
  'ftp://example.com/hook',
  'file:///etc/passwd',
  'gopher://example.com/',
  'data:text/plain,hook',
  'javascript:alert(1)',
  'ws://example.com/',
  'unix:/var/run/docker.sock',
  '//example.com/hook',
  'example.com/hook',
  '',
  'https://',
  // Credentials
  'https://user@example.com/',
  'https://user:password@example.com/',
  'https://example.com@169.254.169.254/',
  'https://:password@example.com/',
  // Ports
  'https://example.com:22/',
  'https://example.com:25/',
  'https://example.com:80/',
  'https://example.com:5432/',
  'https://example.com:6379/',
  'https://example.com:65535/',
  'https://example.com:0/',
  // This machine
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://api.localhost/',
  'https://127.0.0.1/',
  'https://127.0.0.1./',
  'https://127.1/',
  'https://127.255.255.254/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://%31%32%37.0.0.1/',
  'https://0.0.0.0/',
  'https://0/',
  // Private, shared and reserved
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://3232235777/',
  'https://100.64.0.1/',
  'https://100.127.255.255/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  // Link-local, and metadata of clouds
  'https://169.254.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://0xa9fea9fe/',
  'https://2852039166/',
  'https://0251.0376.0251.0376/',
  'https://169.254.169.254:443/',
  'https://100.100.100.200/',
  'https://168.63.129.16/',
  'https://192.0.0.192/',
  'https://metadata.google.internal/',
  'https://instance-data/latest/',
  'https://[fd00:ec2::254]/',
  // IPv6
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b:1::10.0.0.1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a9fe:a9fe::1]/',
  'https://[2001::7f00:1]/',
  'https://[fc00::1]/',
  'https://[fd12:3456::1]/',
  'https://[fe80::1]/',
  'https://[fe80::1%25eth0]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[100::1]/',
  'https://[2001:db8::1]/',
  'https://[3fff::1]/',
  'https://[5f00::1]/',
  'https://[4000::1]/',
  // Names that only a local network knows
  'https://router/',
  'https://printer.local/',
  'https://db.internal/',
  'https://nas.lan/',
  'https://1.0.0.127.in-addr.arpa/',
];

describe('an endpoint', () => {
  it.each(refused)('is refused: %s', (url) => {
    expect(endpointRefusal(url, publicOnly)).not.toBeNull();
  });

  it.each([
    'https://example.com/hook?from=shop',
    'https://example.com:8443/',
    'https://xn--bcher-kva.example/',
    'https://1.1.1.1/',
    'https://[2606:4700::1111]/',
  ])('is accepted: %s', (url) => {
    expect(endpointRefusal(url, publicOnly)).toBeNull();
  });

  it('of this machine is accepted for development, and nothing else that is not public', () => {
    const development = { loopback: true };
    for (const url of ['http://127.0.0.1:3000/', 'http://localhost:3000/', 'https://[::1]:8443/']) {
      expect([url, endpointRefusal(url, development)]).toEqual([url, null]);
    }
    for (const url of refused.filter((each) => each.includes('10.') || each.includes('169.'))) {
      expect([url, endpointRefusal(url, development)]).not.toEqual([url, null]);
    }
    expect(endpointRefusal('http://example.com/', development)).not.toBeNull();
    expect(endpointRefusal('ftp://127.0.0.1/', development)).not.toBeNull();
    expect(endpointRefusal('http://me@127.0.0.1/', development)).not.toBeNull();
  });
});

describe('isPublicAddress', () => {
  it('is false for what is no address', () => {
    for (const text of ['', 'example.com', '1.2.3', '::g', 'fe80::1%eth0'])
      expect([text, isPublicAddress(text)]).toEqual([text, false]);
  });
});
