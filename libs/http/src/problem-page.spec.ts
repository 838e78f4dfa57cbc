import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Problem } from './problem.ts';
import { answerOf } from './problem-page.ts';

/** What Chromium sends when an address is opened. */
const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8';
const request = (more: Partial<IncomingMessage>, accept?: string) =>
  ({ method: 'GET', url: '/lost', headers: { accept }, ...more }) as IncomingMessage;
const missing = new Problem(404, 'not_found', 'there is nothing at this path');

describe('a problem', () => {
  it('is a page with a way back when a person opens an address', () => {
    const { headers, body } = answerOf(missing, request({}, browser));
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(body).toContain('<h1>There is no such page</h1>');
    expect(body).toContain('There is nothing at this path.');
    expect(body).toContain('<a href="/">To the start page</a>');
    expect(body).not.toContain('Try again');
  });

  it.each([undefined, '*/*', 'application/json', 'application/problem+json, */*'])(
    'is JSON for a program that accepts %s',
    (accept) => {
      const { headers, body } = answerOf(missing, request({}, accept), 'c-1');
      expect(headers).toEqual({ 'content-type': 'application/problem+json; charset=utf-8' });
      expect(JSON.parse(body)).toEqual(missing.body('c-1'));
    },
  );

  it.each([{ url: '/api/v1/orders' }, { url: '/api' }, { method: 'POST' }])(
    'is JSON for %j, whatever is accepted',
    (what) => {
      const { headers } = answerOf(missing, request(what, browser));
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    },
  );

  it('that may pass can be tried again, and is found in the log', () => {
    const { body } = answerOf(
      new Problem(503, 'unavailable', 'this service is stopping; try again'),
      request({}, browser),
      'c-7',
    );
    expect(body).toContain('<a href="">Try again</a>');
    expect(body).toContain('Reference c-7');
  });

  it('runs nothing that a stranger has written', () => {
    const { headers, body } = answerOf(
      new Problem(404, 'not_found', 'there is no <script>alert("1")</script>'),
      request({}, browser),
    );
    expect(body).not.toContain('<script');
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });
});
