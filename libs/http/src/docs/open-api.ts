import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import {
  codesOf,
  commonProblems,
  problemContent,
  problemSchema,
  problemsWith,
} from './problem.schema.ts';
import { zodConverter } from './schema-converter.ts';

/** An OpenAPI 3.1 document. */
export type ApiDocument = OpenAPIObject;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

export interface OpenApiOptions {
  /** Its routes depend on nothing but the issuer of tokens; others that may answer 503 declare it themselves. Default false. */
  readonly standsAlone?: boolean;
}

const conventions =
  'Errors are problems (RFC 9457); their `code` never changes, and `errors` name each invalid field with its rule. Times are RFC 3339 ' +
  'in UTC. Money is an integer in minor units with its currency. Lists take `limit` and `cursor`, and answer `items` and `nextCursor`, ' +
  'which is null on the last page. Unknown properties and parameters are refused. A response 429 or 503 says in `Retry-After` when to ' +
  'come again.';

/** The document of one application, derived from its controllers. */
export function openApiOf(
  app: INestApplication,
  title: string,
  { standsAlone = false }: OpenApiOptions = {},
): ApiDocument {
  const config = new DocumentBuilder()
    .setTitle(title)
    .setDescription(conventions)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: zodConverter,
    // The bundler adds numbers to classes of the same name: HealthController2.
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller\d*$/, '')}_${method}`,
  });
  return withProblems(document, standsAlone);
}

/** Merges several documents; if two describe the same operation or component, the first wins. */
export function mergeOpenApi(documents: readonly ApiDocument[], title = 'Waybill'): ApiDocument {
  const [first] = documents;
  if (!first) throw new TypeError('there is no document to merge');
  const paths: ApiDocument['paths'] = {};
  const schemas: Record<string, object> = {};
  const tags = new Map<string, { name: string }>();
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths)) {
      paths[path] = { ...item, ...paths[path] };
    }
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      schemas[name] ??= schema;
    }
    for (const tag of document.tags ?? []) tags.set(tag.name, tag);
  }
  return {
    ...first,
    info: { ...first.info, title },
    paths: sorted(paths),
    tags: [...tags.values()],
    components: { ...first.components, schemas: sorted(schemas) as never },
  };
}

const sorted = <T>(record: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Refuses a valid token of a customer who is deactivated or erased, on every route that looks at tokens. */
const inactive = 'customer_inactive';

/** Adds to every operation its problems, and that it needs a token unless it is public. */
function withProblems(document: ApiDocument, standsAlone: boolean): ApiDocument {
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema as never },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of operationsOf(item)) {
      operation.security ??= [{ bearer: [] }];
      const takesToken = operation.security.some((each) => 'bearer' in each);
      for (const status of problemsOf(method, path, { standsAlone, takesToken })) {
        operation.responses[status] ??= {
          description: commonProblems[status],
          content: problemContent(),
        };
      }
      if (takesToken) {
        const codes = [...codesOf(operation.responses['403']), inactive];
        operation.responses['403'] = problemsWith(codes);
      }
    }
  }
  return document;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;
type Method = (typeof methods)[number];

const operationsOf = (item: ApiDocument['paths'][string]): [Method, Operation][] =>
  methods.flatMap((method): [Method, Operation][] => {
    const operation = item[method];
    return operation ? [[method, operation]] : [];
  });

/** The body of every method other than GET is parsed, whether or not the route uses it. */
const problemsOf = (
  method: Method,
  path: string,
  { standsAlone, takesToken }: { readonly standsAlone: boolean; readonly takesToken: boolean },
): readonly (keyof typeof commonProblems)[] => [
  400,
  ...(takesToken ? ([401] as const) : []),
  ...(method === 'get' ? [] : ([413, 415] as const)),
  ...(path.includes('{') ? ([414] as const) : []),
  429,
  // Also while the issuer of tokens does not answer.
  ...(standsAlone && !takesToken ? [] : ([503] as const)),
];
