import type { INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { GrpcCaller } from '../client/grpc-caller.ts';
import { catalogueApi } from '../grpc-api.ts';
import { type GrpcServerOptions, GrpcTransport } from '../server/grpc-transport.ts';
import { Shelf, ShelfController } from './shelf.ts';

/** A shelf served on loopback, and a caller of it with the token `friend`. */
export class ShelfServer {
  readonly shelf = new Shelf();
  readonly errors: unknown[] = [];
  readonly ended: string[] = [];
  private readonly callers: GrpcCaller[] = [];

  private constructor(
    readonly transport: GrpcTransport,
    private readonly app: INestMicroservice,
    shelf: Shelf,
  ) {
    this.shelf = shelf;
  }

  static async start(options: Partial<GrpcServerOptions> = {}): Promise<ShelfServer> {
    const shelf = new Shelf();
    const heard: { server?: ShelfServer } = {};
    const transport = new GrpcTransport({
      name: 'shelf',
      apis: [catalogueApi],
      listen: { host: '127.0.0.1', port: 0 },
      started: () => true,
      ready: async () => true,
      verify: async (token) => {
        if (token !== 'friend') throw new Error('unknown token');
      },
      onError: (error) => heard.server?.errors.push(error),
      onEnd: (path, status) => heard.server?.ended.push(`${path.split('/')[2]} ${status}`),
      ...options,
    });
    const module = await Test.createTestingModule({
      controllers: [ShelfController],
      providers: [{ provide: Shelf, useValue: shelf }],
    }).compile();
    const app = module.createNestMicroservice({ strategy: transport, logger: false });
    const server = new ShelfServer(transport, app, shelf);
    heard.server = server;
    await app.listen();
    return server;
  }

  get address(): string {
    return this.transport.address ?? '';
  }

  /** A caller that shows a token; closed with the server. */
  caller(token = 'friend'): GrpcCaller {
    const caller = new GrpcCaller({
      api: catalogueApi,
      url: this.address,
      token: async () => token,
    });
    this.callers.push(caller);
    return caller;
  }

  async close(): Promise<void> {
    for (const caller of this.callers) caller.close();
    await this.app.close();
  }
}

/** Resolves when the condition holds; looks at each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
