import type { Certificate } from '@waybill/http';
import { type FaultsConfig, faultsConfig } from './config/faults.config.ts';
import { type GrpcConfig, grpcConfig } from './config/grpc.config.ts';
import {
  type AccessConfig,
  accessConfig,
  type HostConfig,
  hostConfig,
} from './config/host.config.ts';
import { readSettings } from './config/read-settings.ts';
import { tlsConfig } from './config/tls.config.ts';
import { type TracingConfig, tracingConfig } from './config/tracing.config.ts';
import { refuseUnaskable } from './grpc/refuse-uncallable.ts';
import type { Host } from './host.ts';
import type { ServiceOptions } from './service-options.ts';

/** All settings of a service, read from its environment. */
export class ServiceSettings {
  readonly host: HostConfig;
  readonly access: AccessConfig;
  readonly grpc: GrpcConfig;
  readonly faults: FaultsConfig;
  readonly tracing: TracingConfig;
  /** The certificate for HTTP and gRPC; null if it serves unencrypted, or does not listen. */
  readonly certificate: Certificate | null;
  /** The service's own settings, parsed by its schema. */
  readonly own: unknown;

  /** Throws `InvalidConfig` with all problems at once. */
  constructor(options: ServiceOptions, { env, listen, brokers }: Host) {
    const { name, config } = options;
    const [host, access, grpc, tls, faults, tracing, own] = readSettings(name, env, [
      hostConfig,
      accessConfig,
      grpcConfig(options),
      tlsConfig,
      faultsConfig,
      tracingConfig,
      config,
    ]);
    refuseUnaskable(options, brokers, grpc);
    this.host = host;
    this.access = access;
    this.grpc = grpc;
    this.faults = faults;
    this.tracing = tracing;
    this.own = own;
    // A service in another service's process does not listen itself.
    this.certificate = listen === null ? null : tls.certificate;
  }
}
