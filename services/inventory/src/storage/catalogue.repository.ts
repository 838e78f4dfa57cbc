import { Injectable, Optional } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { ProductEntity, StockEntity } from './inventory.entities.ts';
import { type CatalogueEntry, NoProductCache, ProductCache } from './product-cache.ts';

/** A product as shown in the catalogue. */
export interface ProductView extends CatalogueEntry {
  readonly available: number;
}

export interface CatalogueFilter {
  readonly category?: string | undefined;
  readonly search?: string | undefined;
  /** Only products after this SKU. */
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Reads the catalogue with the available units. */
@Injectable()
export class CatalogueRepository {
  constructor(
    @InjectRepository(ProductEntity) private readonly products: Repository<ProductEntity>,
    @InjectRepository(StockEntity) private readonly stock: Repository<StockEntity>,
    @Optional() private readonly cache: ProductCache = new NoProductCache(),
  ) {}

  /** Up to `limit` products by SKU. */
  async list({ category, search, after, limit }: CatalogueFilter): Promise<ProductView[]> {
    const query = this.products.createQueryBuilder('product').orderBy('product.sku').limit(limit);
    if (after !== undefined) query.andWhere('product.sku > :after', { after });
    if (category !== undefined) query.andWhere('product.category = :category', { category });
    if (search !== undefined) {
      query.andWhere('(product.name ILIKE :like OR product.description ILIKE :like)', {
        like: `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`,
      });
    }
    return this.withStock(await query.getMany());
  }

  /** One product; its catalogue entry may come from the cache, but the available units are current. */
  async find(sku: string): Promise<ProductView | undefined> {
    const [entry, available] = await Promise.all([
      this.cache.read(sku, () => this.entry(sku)),
      this.availableOf([sku]),
    ]);
    return entry && { ...entry, available: available.get(sku) ?? 0 };
  }

  /** Invalidates the cached entry after a change: later reads return the new entry. */
  forget(sku: string): Promise<void> {
    return this.cache.forget(sku);
  }

  /** The requested products that exist. */
  async findAll(
    skus: readonly string[],
  ): Promise<{ readonly view: ProductView; readonly revision: number }[]> {
    const products = await this.products.findBy({ sku: In([...skus]) });
    const views = await this.withStock(products);
    return views.map((view, i) => ({ view, revision: products[i]?.revision ?? 1 }));
  }

  /** The currently available units of those products that exist. */
  async availableOf(skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.products
      .createQueryBuilder('product')
      .leftJoin(StockEntity, 'stock', 'stock.sku = product.sku')
      .select('product.sku', 'sku')
      .addSelect('coalesce(stock.available, 0)', 'available')
      .where('product.sku = any(:skus)', { skus: [...skus] })
      .getRawMany<{ sku: string; available: string | number }>();
    return new Map(rows.map(({ sku, available }) => [sku, Number(available)]));
  }

  private async entry(sku: string): Promise<CatalogueEntry | undefined> {
    const product = await this.products.findOneBy({ sku });
    return product ? entryOf(product) : undefined;
  }

  private async withStock(products: readonly ProductEntity[]): Promise<ProductView[]> {
    const rows = await this.stock.find({
      select: { sku: true, available: true },
      where: { sku: In(products.map(({ sku }) => sku)) },
    });
    const available = new Map(rows.map((row) => [row.sku, row.available]));
    return products.map((product) => viewOf(product, available.get(product.sku) ?? 0));
  }
}

const viewOf = (product: ProductEntity, available: number): ProductView => ({
  ...entryOf(product),
  available,
});

const entryOf = (product: ProductEntity): CatalogueEntry => ({
  sku: product.sku,
  name: product.name,
  description: product.description,
  category: product.category,
  imageUrl: product.imageUrl,
  price: { amount: product.priceAmount, currency: product.currency },
  weightGrams: product.weightGrams,
  taxClass: product.taxClass,
});
