import { InventoryError } from './inventory.errors.ts';
import { isOnSale, type Product } from './product.ts';

/** What a caller expects of a product on sale: that there is none, that there is one, or that it has one of these revisions. */
export type Precondition =
  | { readonly is: 'absent' | 'present' }
  | { readonly is: 'revision'; readonly among: number[] };

/** Throws `precondition_failed` if the product is not as the caller expects. Only a decision can check it without a race. */
export function checkPrecondition(
  sku: string,
  found: Product | undefined,
  expected: Precondition | undefined,
): void {
  const onSale = isOnSale(found) ? found : undefined;
  if (!expected || isMet(onSale, expected)) return;
  const now = onSale ? `is at revision ${onSale.revision}` : 'is not there';
  throw new InventoryError('precondition_failed', `product ${sku} ${now}`);
}

function isMet(found: Product | undefined, expected: Precondition): boolean {
  switch (expected.is) {
    case 'absent':
      return found === undefined;
    case 'present':
      return found !== undefined;
    case 'revision':
      return found !== undefined && expected.among.includes(found.revision);
  }
}
