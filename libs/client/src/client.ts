import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './generated/schema.ts';

/** The REST API: `GET`, `POST`, `PUT` and `DELETE` take the paths of its OpenAPI document, and know what each answers. */
export type WaybillClient = Client<paths>;

/** What requests and responses contain, by its name in the OpenAPI document: `Schemas['Order']`. */
export type Schemas = components['schemas'];

export interface ClientOptions {
  /** The origin of the system, such as `http://localhost:8080`. */
  readonly baseUrl: string;
  /** The bearer token, or a function that returns the current one. Default: none, for public routes. */
  readonly token?: string | (() => string | Promise<string>);
  /** Sends the requests; default: the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * A client of one system. A call resolves with `data` for a documented success and with `error`, a problem, for every
 * other status; it rejects only when no response arrives.
 */
export function createWaybillClient({ baseUrl, token, fetch }: ClientOptions): WaybillClient {
  const client = createClient<paths>({ baseUrl, ...(fetch ? { fetch } : {}) });
  if (token === undefined) return client;
  client.use({
    async onRequest({ request }) {
      request.headers.set(
        'authorization',
        `Bearer ${typeof token === 'string' ? token : await token()}`,
      );
    },
  });
  return client;
}
