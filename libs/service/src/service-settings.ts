import type { Certificate } from '@waybill/http';
import { type GrpcConfig, grpcConfig } from './config/grpc.config.ts';
import {
  type AccessConfig,
  accessConfig,
  type HostConfig,
  hostConfig,
} from './config/host.config.ts';
import { readSettings } from './config/read-settings.ts';
import { tlsConfig } from './config/tls.config.ts';
import { refuseUnaskable } from './grpc/refuse-unaskable.ts';
import type { Host } from './host.ts';
import type { ServiceOptions } from './service-options.ts';

/** All settings of a service, as its environment has them. */
export class ServiceSettings {
  readonly host: HostConfig;
  readonly access: AccessConfig;
  readonly grpc: GrpcConfig;
  /** By which it serves HTTP and gRPC; null where it does so in the clear, or has no door. */
  readonly certificate: Certificate | null;
  /** The service's own, by its schema. */
  readonly own: unknown;

  /** Throws `InvalidConfig`, which tells all that is wrong. */
  constructor(options: ServiceOptions, { env, listen, brokers }: Host) {
    const { name, config } = options;
    const [host, access, grpc, tls, own] = readSettings(name, env, [
      hostConfig,
      accessConfig,
      grpcConfig(options),
      tlsConfig,
      config,
    ]);
    refuseUnaskable(options, brokers, grpc);
    this.host = host;
    this.access = access;
    this.grpc = grpc;
    this.own = own;
    // What is hosted in another's process has no door of its own.
    this.certificate = listen === null ? null : tls.certificate;
  }
}
