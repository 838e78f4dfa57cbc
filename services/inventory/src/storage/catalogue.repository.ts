import { Injectable, Optional } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, IsNull, Repository } from 'typeorm';
import { ProductEntity, StockEntity } from './inventory.entities.ts';
import { type CatalogueEntry, NoProductCache, ProductCache } from './product-cache.ts';
import { searchWords } from './search-words.ts';

/** A product as shown in the catalogue. */
export interface ProductView extends Omit<CatalogueEntry, 'revision'> {
  readonly available: number;
}

/** A place in a list of products: the best match first, then by SKU. The rank is 0 without a search. */
export type CataloguePlace = [rank: number, sku: string];

/** A product and its revision. */
export interface Found {
  readonly view: ProductView;
  readonly revision: number;
}

export interface CatalogueFilter {
  readonly category?: string | undefined;
  readonly search?: string | undefined;
  /** Only products after this place. */
  readonly after?: CataloguePlace | undefined;
  readonly limit: number;
}

/** A category, and how many products on sale it has. */
export interface CategoryView {
  readonly name: string;
  readonly products: number;
}

const asked = `(websearch_to_tsquery('english', :words)
  || (websearch_to_tsquery('english', :head) && to_tsquery('english', :last)))`;
/** An integer, because a cursor must carry it exactly. */
const rank = `cast(1e6 * ts_rank(product.search, ${asked}) as integer)`;

/** Reads the products on sale, with the available units. */
@Injectable()
export class CatalogueRepository {
  constructor(
    @InjectRepository(ProductEntity) private readonly products: Repository<ProductEntity>,
    @InjectRepository(StockEntity) private readonly stock: Repository<StockEntity>,
    @Optional() private readonly cache: ProductCache = new NoProductCache(),
  ) {}

  /** Up to `limit` products, those that match the search best first, else by SKU. */
  async list(
    filter: CatalogueFilter,
  ): Promise<{ readonly view: ProductView; readonly place: CataloguePlace }[]> {
    const { category, search, after, limit } = filter;
    const query = this.products
      .createQueryBuilder('product')
      .where('product.withdrawnAt is null')
      .limit(limit);
    if (category !== undefined) query.andWhere('product.category = :category', { category });
    if (search === undefined) {
      if (after) query.andWhere('product.sku > :after', { after: after[1] });
      query.orderBy('product.sku');
    } else {
      query
        .addSelect(rank, 'rank')
        .andWhere(`product.search @@ ${asked}`, { ...searchWords(search) })
        .orderBy('rank', 'DESC')
        .addOrderBy('product.sku');
      if (after) {
        query.andWhere(`(${rank} < :rank or (${rank} = :rank and product.sku > :after))`, {
          rank: after[0],
          after: after[1],
        });
      }
    }
    const { entities, raw } = await query.getRawAndEntities<{ rank?: number }>();
    const views = await this.withStock(entities);
    return views.map((view, i) => ({ view, place: [raw[i]?.rank ?? 0, view.sku] }));
  }

  /** Up to `limit` categories with products on sale, by name. */
  async categories(after: string | undefined, limit: number): Promise<CategoryView[]> {
    const rows = await this.products
      .createQueryBuilder('product')
      .select('product.category collate "C"', 'name')
      .addSelect('count(*)', 'products')
      .where('product.withdrawnAt is null')
      .andWhere('product.category collate "C" > :after', { after: after ?? '' })
      .groupBy('1')
      .orderBy('1')
      .limit(limit)
      .getRawMany<{ name: string; products: string }>();
    return rows.map(({ name, products }) => ({ name, products: Number(products) }));
  }

  /** One product; its catalogue entry may come from the cache, but the available units are current. */
  async find(sku: string): Promise<Found | undefined> {
    const [entry, available] = await Promise.all([
      this.cache.read(sku, (each) => this.entry(each)),
      this.availableOf([sku]),
    ]);
    if (!entry) return undefined;
    const { revision, ...product } = entry;
    return { view: { ...product, available: available.get(sku) ?? 0 }, revision };
  }

  /** Invalidates the cached entry after a change: later reads return the new entry. */
  forget(sku: string): Promise<void> {
    return this.cache.forget(sku);
  }

  /** The requested products that are on sale. */
  async findAll(skus: readonly string[]): Promise<Found[]> {
    const products = await this.products.findBy({ sku: In([...skus]), withdrawnAt: IsNull() });
    const views = await this.withStock(products);
    return views.map((view, i) => ({ view, revision: products[i]?.revision ?? 1 }));
  }

  /** The currently available units of those products that are on sale. */
  async availableOf(skus: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.products
      .createQueryBuilder('product')
      .leftJoin(StockEntity, 'stock', 'stock.sku = product.sku')
      .select('product.sku', 'sku')
      .addSelect('coalesce(stock.available, 0)', 'available')
      .where('product.sku = any(:skus)', { skus: [...skus] })
      .andWhere('product.withdrawnAt is null')
      .getRawMany<{ sku: string; available: string | number }>();
    return new Map(rows.map(({ sku, available }) => [sku, Number(available)]));
  }

  private async entry(sku: string): Promise<CatalogueEntry | undefined> {
    const product = await this.products.findOneBy({ sku, withdrawnAt: IsNull() });
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

const viewOf = (product: ProductEntity, available: number): ProductView => {
  const { revision: _, ...entry } = entryOf(product);
  return { ...entry, available };
};

const entryOf = (product: ProductEntity): CatalogueEntry => ({
  sku: product.sku,
  name: product.name,
  description: product.description,
  category: product.category,
  imageUrl: product.imageUrl,
  price: { amount: product.priceAmount, currency: product.currency },
  weightGrams: product.weightGrams,
  taxClass: product.taxClass,
  revision: product.revision,
});
