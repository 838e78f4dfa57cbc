import { fileURLToPath } from 'node:url';
import { FindProducts } from '../inventory.messages.ts';

/** The folder of the `.proto` files: beside `src` as beside `dist`. */
const folder = fileURLToPath(new URL('../../proto/', import.meta.url));

/** Price and availability of products, served by inventory. */
export const catalogueApi = {
  package: 'waybill.inventory.v1',
  service: 'Catalogue',
  file: 'waybill/inventory/v1/catalogue.proto',
  folder,
} as const;

/** What carriers ask for a parcel, served by shipping. */
export const ratesApi = {
  package: 'waybill.shipping.v1',
  service: 'Rates',
  file: 'waybill/shipping/v1/rates.proto',
  folder,
} as const;

/** Every service that Waybill serves by gRPC. */
export const allApis = [catalogueApi, ratesApi];

/** `FindProducts` by gRPC, where `INVENTORY_GRPC_URL` names the inventory. */
export const findProductsByGrpc = {
  type: FindProducts.type,
  api: catalogueApi,
  method: 'FindProducts',
  address: 'INVENTORY_GRPC_URL',
} as const;
