/** A gRPC service as a value: servers and clients take this value, never a string. */
export interface GrpcApi {
  /** The protobuf package, such as `waybill.inventory.v1`. */
  readonly package: string;
  /** The service inside the package, such as `Catalogue`. */
  readonly service: string;
  /** The file that defines it, relative to `folder`. */
  readonly file: string;
  /** The folder of `.proto` files. */
  readonly folder: string;
}

/** The full name of a service, as health and reflection know it. */
export const nameOfApi = (api: GrpcApi): string => `${api.package}.${api.service}`;
