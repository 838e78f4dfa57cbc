import type { KafkaBrokerOptions } from '../../options.ts';

export type Library = typeof import('@platformatic/kafka');

/** What the connections of one client are given: where to connect instead. */
interface Context {
  readonly dial?: KafkaBrokerOptions['dial'];
}

let loaded: Promise<Library> | null = null;

/** Loads the library when it is needed first; it is made for Node 22 and needs one function that Node 20 lacks. */
export function library(): Promise<Library> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Library> {
  const promises = Promise as unknown as { withResolvers?: () => object };
  promises.withResolvers ??= () => {
    let settle = {};
    const promise = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    return { promise, ...settle };
  };
  const found = await import('@platformatic/kafka');
  redirect(found);
  return found;
}

/** The library has no option for tunnels: its connections ask their context. */
function redirect({ Connection }: Library): void {
  const { prototype } = Connection;
  const original = prototype.connect as (host: string, port: number, ...rest: unknown[]) => unknown;
  prototype.connect = function (
    this: { readonly context: Context | undefined },
    host: string,
    port: number,
    ...rest: unknown[]
  ) {
    const target = this.context?.dial?.(host, port) ?? { host, port };
    return original.call(this, target.host, target.port, ...rest);
  } as typeof prototype.connect;
}
