import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cancelOrderSaga, placeOrderSaga, returnOrderSaga, transitions } from '@waybill/order';
import { mermaid } from '@waybill/saga';
import { type DerivedFile, textFile } from './contract-documents.ts';
import { root } from './repository.ts';

const page = 'docs/order-flow.md';

/** The page about the order flow with its generated diagrams: the sagas, and the states of an order. */
export function orderFlowPictures(): DerivedFile {
  const file = join(root, page);
  const written = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const pictures = {
    saga: mermaid(placeOrderSaga),
    cancel: mermaid(cancelOrderSaga),
    return: mermaid(returnOrderSaga),
    states: stateDiagram(transitions),
  };
  const content = Object.entries(pictures).reduce(
    (text, [name, picture]) => withPicture(text, name, picture),
    written,
  );
  return textFile(page, content);
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
