/** A schema or any other part of an API document, read as JSON. */
type Json = Readonly<Record<string, unknown>>;

/** The documentation of one status of an operation. */
export interface DocumentedAnswer {
  readonly status: number;
  /** The JSON pointer of the schema of each media type. Empty when there is no body. */
  readonly schemas: ReadonlyMap<string, string>;
  /** The problem codes, when these are listed. */
  readonly codes: readonly string[];
}

export interface QueryParameter {
  readonly name: string;
  readonly required: boolean;
  readonly schema: {
    readonly type?: unknown;
    readonly const?: unknown;
    readonly enum?: readonly unknown[];
  };
}

/** One operation of an API document. */
export interface Operation {
  /** Such as `GET /api/v1/orders/{id}`. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** The names of the path parameters. */
  readonly parameters: readonly string[];
  readonly query: readonly QueryParameter[];
  /** True when no token is needed. */
  readonly isPublic: boolean;
  /** True when a token is checked if there is one. */
  readonly takesToken: boolean;
  /** The roles that may call it; empty when every caller may. */
  readonly roles: readonly string[];
  readonly answers: ReadonlyMap<number, DocumentedAnswer>;
  /** The media type of its body, if that is a file. */
  readonly file: string | null;
}

/** The operations of an OpenAPI document. */
export class ApiDocument {
  readonly operations: readonly Operation[];

  constructor(readonly json: Json) {
    const paths = json['paths'] as Record<string, Record<string, Json>>;
    this.operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => operationOf(method, path, operation)),
    );
  }

  /** Every operation at the path of a URL, with any method. */
  at(pathname: string): readonly Operation[] {
    return this.operations.filter(({ path }) =>
      path.split('/').every((part, i, { length }) => {
        const [given = '', rest] = [pathname.split('/')[i], pathname.split('/')[length]];
        if (rest !== undefined) return false;
        const suffix = part.replace(/^\{\w+\}/, '');
        return suffix === part
          ? given === part
          : given.length > suffix.length && given.endsWith(suffix);
      }),
    );
  }

  /** The operation for a request; HEAD uses that of GET. */
  find(method: string, pathname: string): Operation | undefined {
    const wanted = method === 'HEAD' ? 'GET' : method;
    const fitting = this.at(pathname).filter((each) => each.method === wanted);
    return fitting.sort((a, b) => a.parameters.length - b.parameters.length)[0];
  }

  /** The operation with this name; throws when the document has none. */
  get(name: string): Operation {
    const found = this.operations.find((each) => each.name === name);
    if (found) return found;
    throw new Error(`the API document has no ${name}`);
  }
}

function operationOf(method: string, path: string, operation: Json): Operation {
  const security = operation['security'] as Record<string, string[]>[];
  const parameters = (operation['parameters'] ?? []) as (QueryParameter & { in: string })[];
  const responses = operation['responses'] as Record<string, Json>;
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    parameters: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    file: fileTypeOf(operation),
    isPublic: security.some((each) => Object.keys(each).length === 0),
    takesToken: security.some((each) => 'bearer' in each),
    roles: security.flatMap((each) => each['bearer'] ?? []),
    answers: new Map(
      Object.entries(responses).map(([status, response]) => [
        Number(status),
        answerOf(status, response, `/paths/${escaped(path)}/${method}/responses`),
      ]),
    ),
  };
}

function fileTypeOf({ requestBody }: Json): string | null {
  const { content = {} } = (requestBody ?? {}) as { readonly content?: Json };
  return Object.keys(content).find((type) => type !== 'application/json') ?? null;
}

function answerOf(status: string, response: Json, at: string): DocumentedAnswer {
  const content = (response['content'] ?? {}) as Record<string, { schema: object }>;
  const named = /"code":\{"enum":(\[[^\]]*\])/.exec(JSON.stringify(content));
  return {
    status: Number(status),
    schemas: new Map(
      Object.keys(content).map((type) => [type, `${at}/${status}/content/${escaped(type)}/schema`]),
    ),
    codes: named?.[1] ? (JSON.parse(named[1]) as string[]) : [],
  };
}

const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
