import { fileURLToPath } from 'node:url';
import { FindAccount, FindDataKeys } from '../customer.messages.ts';
import { FindProducts } from '../inventory.messages.ts';

/** The folder of the `.proto` files, at the same place relative to `src` and `dist`. */
const folder = fileURLToPath(new URL('../../proto/', import.meta.url));

/** Price and availability of products, served by inventory. */
export const catalogueApi = {
  package: 'waybill.inventory.v1',
  service: 'Catalogue',
  file: 'waybill/inventory/v1/catalogue.proto',
  folder,
} as const;

/** Offers of carriers for a parcel, served by shipping. */
export const ratesApi = {
  package: 'waybill.shipping.v1',
  service: 'Rates',
  file: 'waybill/shipping/v1/rates.proto',
  folder,
} as const;

/** What other services need to know of customers, served by customer. */
export const customersApi = {
  package: 'waybill.customer.v1',
  service: 'Customers',
  file: 'waybill/customer/v1/customers.proto',
  folder,
} as const;

/** Every service that Waybill serves over gRPC. */
export const allApis = [catalogueApi, ratesApi, customersApi];

/** `FindProducts` over gRPC. The setting `INVENTORY_GRPC_URL` holds the address of inventory. */
export const findProductsByGrpc = {
  type: FindProducts.type,
  api: catalogueApi,
  method: 'FindProducts',
  address: 'INVENTORY_GRPC_URL',
} as const;

/** `FindDataKeys` over gRPC. The setting `CUSTOMER_GRPC_URL` holds the address of customer. */
export const findDataKeysByGrpc = {
  type: FindDataKeys.type,
  api: customersApi,
  method: 'FindDataKeys',
  address: 'CUSTOMER_GRPC_URL',
  confidential: true,
} as const;

/** `FindAccount` over gRPC, as `FindDataKeys`. */
export const findAccountByGrpc = {
  type: FindAccount.type,
  api: customersApi,
  method: 'FindAccount',
  address: 'CUSTOMER_GRPC_URL',
  confidential: true,
} as const;
