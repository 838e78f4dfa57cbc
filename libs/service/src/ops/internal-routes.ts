import { Problem, type ProblemBody, type ServiceTokens } from '@waybill/http';

type Values = Readonly<Record<string, string | number | undefined>>;

const patience = 3_000;

/** The internal routes of a service in another process; its problems are thrown as problems. */
export class InternalRoutes {
  constructor(
    private readonly url: string,
    private readonly tokens: ServiceTokens,
  ) {}

  /** `path` is below `/internal/`; `within` is in milliseconds. */
  async call<T>(
    method: string,
    path: string,
    {
      query = {},
      body,
      within = patience,
    }: { readonly query?: Values; readonly body?: unknown; readonly within?: number },
  ): Promise<T> {
    const url = new URL(`/internal/${path}`, this.url);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = {
      authorization: `Bearer ${await this.tokens.issue()}`,
      // Services are near each other: compression would cost more than it saves.
      'accept-encoding': 'identity',
    };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(url, {
      method,
      headers,
      signal: AbortSignal.timeout(within),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok) throw problemFrom(response, answer);
    return answer as T;
  }
}

function problemFrom({ status, headers }: Response, answer: unknown): Problem {
  const told = (answer ?? {}) as Partial<ProblemBody>;
  const { code = 'unavailable', detail = 'no answer', errors } = told;
  const retryAfter = headers.get('retry-after');
  return new Problem(status, code, detail, {
    ...(errors ? { errors } : {}),
    ...(retryAfter === null ? {} : { headers: { 'retry-after': retryAfter } }),
  });
}
