import { expect, it } from '@jest/globals';
import { mayConnect } from './origin.ts';

it.each([
  ['http://shop.example:8080', 'shop.example:8080', [], true],
  ['https://shop.example', 'shop.example', [], true],
  ['https://shop.example', 'shop.example:443', [], true],
  ['https://SHOP.example', 'Shop.Example', [], true],
  ['http://shop.example', 'shop.example:8080', [], false],
  ['https://shop.example.evil.example', 'shop.example', [], false],
  ['https://evil.example', 'shop.example', [], false],
  ['null', 'shop.example', [], false],
  ['file://', 'shop.example', [], false],
  ['x', 'x', [], false],
  ['https://shop.example', undefined, [], false],
  [undefined, 'shop.example', [], false],
  [undefined, 'shop.example', ['https://shop.example'], false],
  ['https://web.example', 'shop.example', ['https://web.example'], true],
  ['http://web.example', 'shop.example', ['https://web.example'], false],
  ['https://shop.example', 'shop.example', ['https://web.example'], false],
])('a page of %j may connect to %j with the list %j: %j', (origin, host, allowed, may) => {
  expect(mayConnect(origin, host, allowed)).toBe(may);
});
