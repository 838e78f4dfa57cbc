import {
  type AddressInfo,
  createServer,
  type Server,
  type Socket,
  connect as toServer,
} from 'node:net';

/** Where a proxy forwards to, and where it listens. */
export interface FaultProxyOptions {
  readonly host?: string;
  readonly port: number;
  /** Port to listen on at 127.0.0.1; default: a free one. */
  readonly listen?: number;
  /** Changes the server's bytes before the client receives them; default: unchanged. */
  readonly translate?: (bytes: Buffer) => Buffer;
}

/** The current faults of the connection; an absent field means no fault. */
export interface LineFaults {
  /** Additional milliseconds for every byte, in each direction. */
  readonly latency?: number;
  /** Bytes of one direction vanish while the connection stays open; `up` is towards the server. */
  readonly silent?: 'up' | 'down' | 'both';
  /** New connections are reset. */
  readonly refuse?: boolean;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A TCP proxy on loopback that breaks the connection between a program and its server on demand,
 * for tests of reconnects, lost responses, latency and resets. It starts without faults.
 */
export class FaultProxy {
  /** Bytes that have vanished. */
  lost = 0;
  /** Bytes received from both sides. */
  bytes = 0;
  /** Connection attempts so far, including refused ones. */
  tries = 0;
  private readonly lines = new Set<Line>();
  private readonly server: Server;
  private faults: LineFaults = {};

  constructor(private readonly options: FaultProxyOptions) {
    this.server = createServer({ noDelay: true }, (client) => this.accept(client));
  }

  /** Creates a proxy; resolves when it listens. */
  static async open(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject);
      proxy.server.listen(options.listen ?? 0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.lines.size;
  }

  /** Replaces the faults, also of open connections; an empty object ends them. Vanished bytes stay lost. */
  set(faults: LineFaults): void {
    this.faults = faults;
  }

  /** Ends every open connection, by a reset or in order. New ones are accepted. */
  cut(how: 'reset' | 'end' = 'reset'): void {
    for (const { client, server } of [...this.lines]) {
      for (const socket of [client, server]) {
        if (how === 'reset') socket.resetAndDestroy();
        else socket.end();
      }
    }
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }

  private accept(client: Socket): void {
    this.tries += 1;
    if (this.faults.refuse) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const { host = '127.0.0.1', port } = this.options;
    const line = { client, server: toServer({ host, port, noDelay: true }) };
    this.lines.add(line);
    this.forward(line, 'up');
    this.forward(line, 'down');
  }

  private forward(line: Line, direction: 'up' | 'down'): void {
    const { client, server } = line;
    const [from, to] = direction === 'up' ? [client, server] : [server, client];
    const delay = new DelayLine(() => this.faults.latency ?? 0);
    from.on('error', () => undefined);
    const { translate } = this.options;
    from.on('data', (came: Buffer) => {
      this.bytes += came.length;
      const bytes = direction === 'down' && translate ? translate(came) : came;
      if (this.vanishes(direction)) {
        this.lost += bytes.length;
        return;
      }
      delay.pass(() => {
        if (!to.writable || to.write(bytes)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => delay.pass(() => to.end()));
    from.on('close', () => {
      this.lines.delete(line);
      delay.pass(() => to.destroy());
    });
  }

  private vanishes(direction: 'up' | 'down'): boolean {
    return this.faults.silent === 'both' || this.faults.silent === direction;
  }
}

/** One direction of a connection: delays bytes and keeps their order, even if the latency changes. */
class DelayLine {
  private readonly waiting: { readonly due: number; readonly run: () => void }[] = [];

  constructor(private readonly latency: () => number) {}

  pass(run: () => void): void {
    const latency = this.latency();
    if (latency === 0 && this.waiting.length === 0) {
      run();
      return;
    }
    const last = this.waiting.at(-1)?.due ?? 0;
    this.waiting.push({ due: Math.max(last, performance.now() + latency), run });
    if (this.waiting.length === 1) this.arm();
  }

  private arm(): void {
    const next = this.waiting[0];
    if (!next) return;
    setTimeout(() => {
      this.waiting.shift();
      next.run();
      this.arm();
    }, next.due - performance.now());
  }
}
