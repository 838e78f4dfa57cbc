import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import {
  isSigned,
  legacySignedHeaders,
  newWebhookSecret,
  type SignedRequest,
  signedHeaders,
  webhookSecretForm,
} from './signature.ts';

const key = Buffer.alloc(32, 3);
const secret = `whsec_${key.toString('base64')}`;
const now = new Date('2026-01-01T00:00:00.000Z');
const seconds = now.getTime() / 1_000;

const headersOf = (id: unknown, timestamp: unknown, signature: unknown) => ({
  'webhook-id': id,
  'webhook-timestamp': timestamp,
  'webhook-signature': signature,
});

function signedAt(timestamp: number, body = Buffer.from('{"a":1}'), id = 'evt_1', with_ = key) {
  const mac = createHmac('sha256', with_)
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest('base64');
  return { headers: headersOf(id, String(timestamp), `v1,${mac}`), rawBody: body };
}

const withHeader = (request: SignedRequest, name: string, value: unknown): SignedRequest => ({
  ...request,
  headers: { ...request.headers, [`webhook-${name}`]: value },
});

describe('isSigned', () => {
  it('knows the example of the specification', () => {
    const request = {
      headers: headersOf(
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        '1614265330',
        'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
      ),
      rawBody: Buffer.from('{"test": 2432232314}'),
    };
    const at = new Date(1_614_265_330_000);
    expect(isSigned(request, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'], at)).toBe(true);
  });

  it('knows what it signs itself', () => {
    const webhook = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}' };
    const headers = signedHeaders(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      webhook,
      new Date(1_614_265_330_999),
    );
    expect(headers).toEqual({
      'webhook-id': webhook.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('accepts what one of its secrets signed, among other signatures', () => {
    const other = `whsec_${Buffer.alloc(24, 9).toString('base64')}`;
    const request = signedAt(seconds);
    expect(isSigned(request, [other, secret], now)).toBe(true);
    const several = `v1,AAAA v2,xyz ${request.headers['webhook-signature']}`;
    expect(isSigned(withHeader(request, 'signature', several), [secret], now)).toBe(true);
    expect(isSigned(request, [other], now)).toBe(false);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('a timestamp %d s away: %p', (away, expected) => {
    expect(isSigned(signedAt(seconds + away), [secret], now)).toBe(expected);
  });

  it('refuses every change of one bit in the body and in the signature', () => {
    const body = Buffer.from('{"amount":1999}');
    const request = signedAt(seconds, body);
    for (let bit = 0; bit < body.length * 8; bit += 1) {
      const changed = Buffer.from(body);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isSigned({ ...request, rawBody: changed }, [secret], now)).toBe(false);
    }
    const mac = Buffer.from(String(request.headers['webhook-signature']).slice(3));
    for (let bit = 0; bit < mac.length * 8; bit += 1) {
      const changed = Buffer.from(mac);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const signature = `v1,${changed.toString('latin1')}`;
      expect(isSigned(withHeader(request, 'signature', signature), [secret], now)).toBe(false);
    }
  });

  it.each([
    ['no id', 'id', undefined],
    ['another id', 'id', 'evt_2'],
    ['no timestamp', 'timestamp', undefined],
    ['a timestamp that is no number', 'timestamp', 'NaN'],
    ['no signature', 'signature', undefined],
    ['an unknown version', 'signature', 'v2,abc'],
    ['several headers of one name', 'signature', ['v1,abc']],
    ['an empty signature', 'signature', 'v1,'],
  ])('refuses %s', (_, header, value) => {
    expect(isSigned(withHeader(signedAt(seconds), header, value), [secret], now)).toBe(false);
  });

  it('refuses a request without a body', () => {
    expect(isSigned({ ...signedAt(seconds), rawBody: undefined }, [secret], now)).toBe(false);
  });
});

describe('signedHeaders', () => {
  it('are accepted by the reference implementation, with each secret of a rotation', () => {
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    const body = '{"text":"ä"}';
    const headers = signedHeaders(secrets, { id: 'msg_1', body }, new Date());
    for (const each of secrets) {
      expect(each).toMatch(webhookSecretForm);
      expect(new Webhook(each).verify(body, headers)).toEqual({ text: 'ä' });
      expect(() => new Webhook(each).verify(`${body} `, headers)).toThrow('signature');
    }
    expect(() => new Webhook(newWebhookSecret()).verify(body, headers)).toThrow('signature');
  });
});

describe('legacySignedHeaders', () => {
  it('sign the timestamp and the body with the text of each secret', () => {
    const expected = createHmac('sha256', secret).update(`${seconds}.{}`).digest('hex');
    expect(legacySignedHeaders([secret, secret], { id: 'msg_1', body: '{}' }, now)).toEqual({
      'x-webhook-id': 'msg_1',
      'x-webhook-timestamp': String(seconds),
      'x-webhook-signature': `sha256=${expected},sha256=${expected}`,
    });
  });
});
