import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ApiDocument, type DocumentedAnswer, type Operation } from './api-document.ts';

/** A response as it was received. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

/** The routes that serve the document are not in it. */
const pages = /^\/(docs(\/[\w.-]+)?|(?:openapi|asyncapi)\.json)$/;
/** Responses to data that never became a request of a route. */
const beforeRoutes: ReadonlySet<number> = new Set([408, 431]);

/**
 * What a system promises in its API document. Every response is checked against the document and recorded, so that
 * promises that no test received can be reported at the end.
 */
export class ApiContract {
  readonly document: ApiDocument;
  private readonly schemas = new Ajv2020({ strict: false, allErrors: true });
  private readonly visited = new Set<string>();

  constructor(json: Readonly<Record<string, unknown>>) {
    this.document = new ApiDocument(json);
    // The type that its CommonJS module declares is wrong here.
    (addFormats as unknown as (ajv: Ajv2020) => void)(this.schemas);
    this.schemas.addSchema(json, 'api');
  }

  /** Reads the document of the system at `url`. */
  static async of(url: string): Promise<ApiContract> {
    const answer = await fetch(`${url}/openapi.json`);
    if (answer.ok) return new ApiContract((await answer.json()) as Record<string, unknown>);
    throw new Error(`${url}/openapi.json: ${answer.status} ${await answer.text()}`);
  }

  /** Records a response; throws when the document does not allow it. */
  saw(method: string, path: string, answer: Seen): void {
    const pathname = path.split('?', 1)[0] ?? path;
    const operation = this.document.find(method, pathname);
    const wrongs = operation
      ? this.wrongsOf(operation, method, answer)
      : this.wrongsOfNoRoute(pathname, method, answer);
    if (wrongs.length > 0) {
      const output = answer.bytes.toString('utf8', 0, 2_000);
      throw new Error(`${method} ${path}: ${answer.status} ${wrongs.join('; ')}\n${output}`);
    }
  }

  /** The errors of a value that should match a component of the document. */
  misfits(component: string, value: unknown): string[] {
    return this.misfitsAt(`/components/schemas/${component}`, value);
  }

  /** Every documented status, and every problem code, that was not received. */
  unvisited(): string[] {
    return this.promises().filter((each) => !this.visited.has(each));
  }

  /** Every status and code of the document, such as `DELETE /things/{id} 404 unknown_thing`. */
  promises(): string[] {
    return this.document.operations.flatMap(({ name, answers }) =>
      [...answers.values()].flatMap(({ status, codes }) => [
        `${name} ${status}`,
        ...codes.map((code) => `${name} ${status} ${code}`),
      ]),
    );
  }

  private wrongsOf(operation: Operation, method: string, seen: Seen): string[] {
    if (beforeRoutes.has(seen.status)) return this.wrongsOfProblem(seen);
    const documented = operation.answers.get(seen.status);
    if (!documented) return ['is not documented'];
    this.visited.add(`${operation.name} ${seen.status}`);
    if (method === 'HEAD') return seen.bytes.length === 0 ? [] : ['has a body'];
    return [...this.wrongsOfBody(documented, seen), ...this.wrongsOfHead(operation, seen)];
  }

  /** Without a route, only refusals are allowed. */
  private wrongsOfNoRoute(pathname: string, method: string, seen: Seen): string[] {
    if (seen.status < 400) return pages.test(pathname) ? [] : ['of a route that is not documented'];
    if (seen.status === 405 && !seen.headers.has('allow')) return ['has no Allow'];
    return method === 'HEAD' ? [] : this.wrongsOfProblem(seen);
  }

  private wrongsOfBody({ schemas }: DocumentedAnswer, seen: Seen): string[] {
    if (schemas.size === 0) return seen.bytes.length === 0 ? [] : ['should have no body'];
    const type = mediaTypeOf(seen);
    const schema = schemas.get(type);
    if (schema === undefined) return [`is ${type}, not ${[...schemas.keys()].join(' or ')}`];
    if (type === 'application/problem+json') {
      return [...this.misfitsAt(schema, seen.body), ...this.wrongsOfProblem(seen)];
    }
    return type === 'application/json' ? this.misfitsAt(schema, seen.body) : [];
  }

  private wrongsOfHead({ name }: Operation, { status, headers, body }: Seen): string[] {
    const code = (body as { code?: unknown } | undefined)?.code;
    if (typeof code === 'string') this.visited.add(`${name} ${status} ${code}`);
    const wrongs: string[] = [];
    if ((status === 429 || status === 503) && !/^\d+$/.test(headers.get('retry-after') ?? '')) {
      wrongs.push('has no Retry-After');
    }
    if (status === 401 && code !== 'invalid_signature' && !headers.has('www-authenticate')) {
      wrongs.push('has no WWW-Authenticate');
    }
    return wrongs;
  }

  private wrongsOfProblem(seen: Seen): string[] {
    const type = mediaTypeOf(seen);
    if (type !== 'application/problem+json') return [`is ${type}, not a problem`];
    const { status, code, type: urn } = (seen.body ?? {}) as Record<string, unknown>;
    return [
      ...this.misfits('Problem', seen.body),
      ...(status === seen.status ? [] : [`says that it is ${status}`]),
      ...(urn === `urn:waybill:problem:${code}` ? [] : [`has the type ${urn}`]),
    ];
  }

  private misfitsAt(pointer: string, value: unknown): string[] {
    const id = `api#${pointer}`;
    const fits = this.schemas.getSchema(id) ?? this.schemas.compile({ $ref: id });
    if (fits(value)) return [];
    return (fits.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  }
}

const mediaTypeOf = ({ headers }: Seen): string =>
  (headers.get('content-type') ?? '').split(';', 1)[0]?.trim() ?? '';
