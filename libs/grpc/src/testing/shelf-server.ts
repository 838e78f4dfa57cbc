import { catalogueApi } from '@waybill/contracts/grpc';
import type { GrpcCaller } from '../client/grpc-caller.ts';
import type { GrpcServerOptions, GrpcTransport } from '../server/grpc-transport.ts';
import { Loopback } from './loopback.ts';
import { Shelf, ShelfController } from './shelf.ts';

/** A shelf served on loopback, with the errors and the ended calls that its server reported. */
export class ShelfServer {
  private constructor(
    readonly shelf: Shelf,
    private readonly loopback: Loopback,
    readonly errors: readonly unknown[],
    readonly ended: readonly string[],
  ) {}

  static async start(options: Partial<GrpcServerOptions> = {}): Promise<ShelfServer> {
    const shelf = new Shelf();
    const errors: unknown[] = [];
    const ended: string[] = [];
    const loopback = await Loopback.start({
      api: catalogueApi,
      module: {
        controllers: [ShelfController],
        providers: [{ provide: Shelf, useValue: shelf }],
      },
      server: {
        name: 'shelf',
        onError: (error) => errors.push(error),
        onEnd: (path, status) => ended.push(`${path.split('/')[2]} ${status}`),
        ...options,
      },
    });
    return new ShelfServer(shelf, loopback, errors, ended);
  }

  get transport(): GrpcTransport {
    return this.loopback.transport;
  }

  get address(): string {
    return this.loopback.address;
  }

  caller(token?: string): GrpcCaller {
    return this.loopback.caller(token);
  }

  close(): Promise<void> {
    return this.loopback.close();
  }
}
