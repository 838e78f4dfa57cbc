import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProductRestocked, RestockProduct, RestockRequested, StockLow } from '@waybill/contracts';
import type { Topology } from '@waybill/contracts/documents';
import { cancelOrderSaga, placeOrderSaga, returnOrderSaga, transitions } from '@waybill/order';
import { mermaid } from '@waybill/saga';
import { type DerivedFile, textFile } from './contract-documents.ts';
import { root } from './repository.ts';

const page = 'docs/order-flow.md';

/** The messages of replenishment in their order; a text is what happens outside. */
const replenishment = [
  StockLow,
  RestockRequested,
  'the supplier delivers: webhook',
  RestockProduct,
  ProductRestocked,
] as const;

/** The page about the order flow with its generated diagrams: the sagas, a choreography, and the states of an order. */
export function orderFlowPictures(topology: Topology): DerivedFile {
  const file = join(root, page);
  const written = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const pictures = {
    saga: mermaid(placeOrderSaga),
    cancel: mermaid(cancelOrderSaga),
    return: mermaid(returnOrderSaga),
    replenishment: choreography(
      replenishment.map((hop) => (typeof hop === 'string' ? hop : hop.type)),
      topology,
    ),
    states: stateDiagram(transitions),
  };
  const content = Object.entries(pictures).reduce(
    (text, [name, picture]) => withPicture(text, name, picture),
    written,
  );
  return textFile(page, content);
}

/** A chain of messages, each with the consumer groups that react to it, as a Mermaid flowchart. */
export function choreography(
  hops: readonly string[],
  topology: readonly Pick<Topology[number], 'group' | 'subscribesTo'>[],
): string {
  const groupsOf = (type: string): string[] =>
    topology.flatMap(({ group, subscribesTo }) =>
      subscribesTo.some((each) => each.type === type) ? [group] : [],
    );
  const lines = hops.flatMap((hop, at) => {
    const reacts = groupsOf(hop).flatMap((group, nth) => [
      `  m${at} --> g${at}_${nth}[${group}]`,
      ...(at + 1 < hops.length ? [`  g${at}_${nth} --> m${at + 1}`] : []),
    ]);
    const outside = reacts.length === 0 && at + 1 < hops.length ? [`  m${at} --> m${at + 1}`] : [];
    return [`  m${at}([${JSON.stringify(hop)}])`, ...reacts, ...outside];
  });
  return ['flowchart TD', ...lines, ''].join('\n');
}

/** Every state with the states that may follow it, as a Mermaid state diagram. */
export function stateDiagram(ways: Readonly<Record<string, readonly string[]>>): string {
  const [first] = Object.keys(ways);
  const lines = Object.entries(ways).flatMap(([from, next]) =>
    next.length > 0 ? next.map((to) => `  ${from} --> ${to}`) : [`  ${from} --> [*]`],
  );
  return ['stateDiagram-v2', ...(first ? [`  [*] --> ${first}`] : []), ...lines, ''].join('\n');
}

/** Puts a diagram between the two markers that name it; throws when the page does not have them. */
export function withPicture(text: string, name: string, picture: string): string {
  const place = new RegExp(
    `(<!-- generated picture: ${name} -->\\n)[\\s\\S]*?(<!-- end of ${name} -->)`,
  );
  if (!place.test(text)) throw new Error(`${page} has no place for the picture "${name}"`);
  return text.replace(place, (_, begin, end) => `${begin}\`\`\`mermaid\n${picture}\`\`\`\n${end}`);
}
