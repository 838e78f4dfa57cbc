/** A gRPC service as a value: what serves it and what calls it take this, never a string. */
export interface GrpcApi {
  /** The protobuf package, such as `waybill.inventory.v1`. */
  readonly package: string;
  /** The service inside the package, such as `Catalogue`. */
  readonly service: string;
  /** The file that defines it, below `proto`. */
  readonly file: string;
}

/** Price and availability of products, served by inventory. */
export const catalogueApi = {
  package: 'waybill.inventory.v1',
  service: 'Catalogue',
  file: 'waybill/inventory/v1/catalogue.proto',
} as const satisfies GrpcApi;

/** What carriers ask for a parcel, served by shipping. */
export const ratesApi = {
  package: 'waybill.shipping.v1',
  service: 'Rates',
  file: 'waybill/shipping/v1/rates.proto',
} as const satisfies GrpcApi;

/** Every service that Waybill serves by gRPC. */
export const allApis: readonly GrpcApi[] = [catalogueApi, ratesApi];

/** The full name of a service, as health and reflection know it. */
export const nameOfApi = (api: GrpcApi): string => `${api.package}.${api.service}`;
