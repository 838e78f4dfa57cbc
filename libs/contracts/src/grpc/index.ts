export {
  allApis,
  catalogueApi,
  customersApi,
  findAccountByGrpc,
  findDataKeysByGrpc,
  findProductsByGrpc,
  ratesApi,
} from './apis.ts';
export type {
  Availability,
  CarrierAnswer,
  FindProductsResponse,
  GetAvailabilityResponse,
  OfferMessage,
  QuoteResponse,
  ShippingMethodName,
} from './messages.ts';
