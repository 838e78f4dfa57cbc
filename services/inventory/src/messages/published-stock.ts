import {
  type Message,
  ProductRestocked,
  ResizeImage,
  RestockRequested,
  StockLow,
} from '@waybill/contracts';
import type { PublishedContext, PublishedMessage } from '@waybill/service';
import type { DataSource } from 'typeorm';
import { ProductEntity } from '../storage/inventory.entities.ts';
import { productNews } from './catalogue.consumer.ts';

/** The messages to publish again: products in their current state, restocks, low products without a request, and requests that the supplier has not answered. */
export async function* publishedStock({
  dataSource,
  since,
}: PublishedContext): AsyncIterable<PublishedMessage> {
  const products = await dataSource
    .getRepository(ProductEntity)
    .createQueryBuilder('product')
    .where('product.updatedAt >= :since', { since })
    .getMany();
  const messages = [
    ...products.map(productNews),
    ...(await missedPictures(dataSource, since)),
    ...(await missedRestocks(dataSource, since)),
    ...(await missedLows(dataSource, since)),
    ...(await missedRequests(dataSource, since)),
  ];
  for (const message of messages) {
    yield { message, causeId: null, at: new Date(), sequence: null };
  }
}

/** Pictures that nobody has resized yet. */
async function missedPictures(dataSource: DataSource, since: Date): Promise<Message[]> {
  const rows: { image: string; sku: string }[] = await dataSource.query(
    `select image, sku from product_images p where uploaded_at >= $1
      and not exists (select from images i where i.reference = p.image)`,
    [since],
  );
  return rows.map((row) => ResizeImage(row) as Message);
}

/** Restocks that arrived after the request for them, while the request is still open. */
async function missedRestocks(dataSource: DataSource, since: Date): Promise<Message[]> {
  const rows: { requestId: string; sku: string; quantity: number; available: string }[] =
    await dataSource.query(
      `select distinct on (sku) r.request_id as "requestId", sku, r.quantity, r.available
      from restocks r join replenishments p using (sku)
      where r.at >= $1 and p.status = 'requested' and p.requested_at < r.at order by sku, r.at desc`,
      [since],
    );
  return rows.map(
    ({ available, ...row }) =>
      ProductRestocked({ ...row, available: Number(available) }) as Message,
  );
}

/** Products that orders have reduced to their threshold or below since then, without an open request. */
async function missedLows(dataSource: DataSource, since: Date): Promise<Message[]> {
  const rows: { sku: string; available: string; threshold: number }[] = await dataSource.query(
    `select sku, available, threshold from stock s where available <= threshold
      and exists (select from stock_movements m where m.sku = s.sku and m.kind = 'reserved' and m.at >= $1)
      and not exists (select from replenishments p where p.sku = s.sku and p.status = 'requested')`,
    [since],
  );
  return rows.map(
    ({ available, ...row }) => StockLow({ ...row, available: Number(available) }) as Message,
  );
}

/** Requests that wait for an answer of the supplier. */
async function missedRequests(dataSource: DataSource, since: Date): Promise<Message[]> {
  const rows: { requestId: string; sku: string; quantity: number }[] = await dataSource.query(
    `select request_id as "requestId", sku, quantity from supplier_orders
      where status = 'requested' and requested_at >= $1`,
    [since],
  );
  return rows.map((row) => RestockRequested(row) as Message);
}
