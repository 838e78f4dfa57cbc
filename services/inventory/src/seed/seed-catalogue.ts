import type { SeedContext } from '@waybill/service';
import { SeedProduct } from '../messages/inventory.local.ts';
import { ProductEntity } from '../storage/inventory.entities.ts';
import { catalogueSeed, imageUrlOf } from './catalogue.ts';

/** Adds the seeded products that do not exist; existing products stay unchanged. */
export async function seedCatalogue({
  dataSource,
  submit,
}: Pick<SeedContext, 'dataSource' | 'submit'>): Promise<void> {
  const rows = await dataSource.getRepository(ProductEntity).find({ select: { sku: true } });
  const present = new Set(rows.map(({ sku }) => sku));
  await Promise.all(
    catalogueSeed
      .filter(({ sku }) => !present.has(sku))
      .map((product) => submit(SeedProduct({ ...product, imageUrl: imageUrlOf(product.sku) }))),
  );
}
