import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as contracts from '@waybill/contracts';
import { filesBelow, root } from './repository.ts';

/** Libraries that another project can use unchanged: they contain no terms of this shop. */
const libraries = [
  'message',
  'messaging',
  'resilience',
  'brokers/rabbitmq',
  'persistence',
  'saga',
  'event-store',
  'streams',
  'dead-letter',
  'grpc',
];

const words =
  /^(order|payment|shipment|shipping|parcel|inventory|stock|warehouse|carrier|customer|product|catalogue|sku|price|refund|checkout|cart|storefront)s?$/;

/** Names that contain one of the words in its plain English sense, or that come from another library. */
const plainEnglish = new Set([
  ...['inOrder', 'reorder', 'orderBy', 'addOrderBy'],
  ...['SagasInOrder1797600000000', './sagas-in-order.ts', './storage/sagas-in-order.ts'],
]);

/** Where a word means something else: `order` in a TypeORM query; personal data that are masked wherever they occur. */
const exceptions = new Set([
  'libs/saga/src/storage/saga.repository.ts: order',
  'libs/dead-letter/src/shown.ts: customerName',
]);

const shopContracts = new Set(
  Object.entries(contracts)
    .filter(([, value]) => contracts.allContracts.includes(value as contracts.Contract))
    .map(([name]) => name),
);

const isOfShop = (name: string): boolean =>
  shopContracts.has(name) ||
  (!plainEnglish.has(name) &&
    name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])/).some((word) => words.test(word.toLowerCase())));

/** Identifiers, and strings that are a name: `'order'`, `'order.replies'`. Comments and SQL are skipped. */
function namesIn(source: string): string[] {
  const code = source
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$|(?<=[;,{(\s])\/\/ .*$/gm, '')
    .replaceAll(/`(?:[^`\\]|\\.)*`/g, '``')
    .replaceAll(/\border by\b/gi, '');
  return [...code.matchAll(/'([^'\n]*)'|[A-Za-z_$][\w$]*/g)]
    .map(([name, text]) => text ?? name)
    .filter((name) => /^[\w$@./#-]+$/.test(name));
}

const wordsOfShop = (file: string): string[] =>
  [...new Set(namesIn(readFileSync(join(root, file), 'utf8')).filter(isOfShop))].map(
    (name) => `${file}: ${name}`,
  );

const isShipped = (file: string): boolean =>
  !file.endsWith('.spec.ts') && !file.endsWith('.fixture.ts') && !file.includes('/testing/');

describe('the words of the shop', () => {
  it.each(libraries)('are in no name of libs/%s', (library) => {
    const files = filesBelow(`libs/${library}/src`, '.ts').filter(isShipped);
    expect(files.length).toBeGreaterThan(3);
    const found = files.flatMap(wordsOfShop);
    expect(found.filter((each) => !exceptions.has(each))).toEqual([]);
  });

  it('are found in identifiers, imports and strings that are names', () => {
    const source = `
      import { StepFailed } from '@waybill/contracts'; // an order
      import { x } from '@waybill/order';
      const { orderId } = data; if (source === 'order' || channel === 'order.replies') inOrder(ordered);
      const text = 'in the order of their ids'; const sql = \`select 1 order by 1\`;
      class CarrierFact {}
    `;
    expect(namesIn(source).filter(isOfShop)).toEqual([
      'StepFailed',
      '@waybill/order',
      'orderId',
      'order',
      'order.replies',
      'CarrierFact',
    ]);
  });

  it('have no exception that nothing needs', () => {
    const found = [...exceptions].map((each) => each.split(':')[0] ?? '').flatMap(wordsOfShop);
    expect([...exceptions].filter((each) => !found.includes(each))).toEqual([]);
  });
});
