import type { INestMicroservice, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { GrpcCaller } from '../client/grpc-caller.ts';
import type { GrpcApi } from '../grpc-api.ts';
import { type GrpcServerOptions, GrpcTransport } from '../server/grpc-transport.ts';

/** The API to serve, and differences from a server that is ready and accepts the token `friend`. */
export interface LoopbackOptions {
  readonly api: GrpcApi;
  readonly module: ModuleMetadata;
  readonly server?: Partial<GrpcServerOptions>;
}

/** Serves controllers by gRPC on a free loopback port, and makes callers of them. */
export class Loopback {
  private readonly callers: GrpcCaller[] = [];

  private constructor(
    readonly transport: GrpcTransport,
    private readonly app: INestMicroservice,
    private readonly api: GrpcApi,
  ) {}

  static async start({ api, module, server }: LoopbackOptions): Promise<Loopback> {
    const transport = new GrpcTransport({
      name: api.service,
      apis: [api],
      listen: { host: '127.0.0.1', port: 0 },
      started: () => true,
      ready: async () => true,
      verify: async (token) => {
        if (token !== 'friend') throw new Error('unknown token');
      },
      ...server,
    });
    const compiled = await Test.createTestingModule(module).compile();
    const app = compiled.createNestMicroservice({ strategy: transport, logger: false });
    const loopback = new Loopback(transport, app, api);
    await app.listen();
    return loopback;
  }

  /** The address it listens on. */
  get address(): string {
    return this.transport.address ?? '';
  }

  /** A caller that sends this token; closed with the server. */
  caller(token = 'friend'): GrpcCaller {
    const caller = new GrpcCaller({ api: this.api, url: this.address, token: async () => token });
    this.callers.push(caller);
    return caller;
  }

  async close(): Promise<void> {
    for (const caller of this.callers) caller.close();
    await this.app.close();
  }
}
