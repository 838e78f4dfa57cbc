import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { zodConverter } from './schema-converter.ts';

/** An OpenAPI 3.1 document. */
export type ApiDocument = OpenAPIObject;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const problemSchema = {
  type: 'object',
  description: 'What went wrong (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', example: 'urn:waybill:problem:invalid_request' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'Never changes; for programs' },
    correlationId: { type: 'string', description: 'Stands in the log beside the cause' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer to the field' },
          message: { type: 'string' },
        },
      },
    },
  },
} as const;

const problems: Readonly<Record<string, string>> = {
  400: 'Malformed: JSON, types, ranges, unknown properties',
  401: 'No valid token',
  403: 'Not for this role',
  404: 'Unknown, or of somebody else',
  413: 'The body is too large',
  415: 'The body is no application/json',
  429: 'Too many requests',
  503: 'Away or overloaded; try again after Retry-After',
};

/** The document of one application, made from its controllers. */
export function openApiOf(app: INestApplication, title: string): ApiDocument {
  const config = new DocumentBuilder()
    .setTitle(title)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth()
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    standardSchemaConverter: zodConverter,
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '')}_${method}`,
  });
  return withProblems(document);
}

/** One document of several; the first of two that describe the same operation or component counts. */
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

/** Every operation tells its problems, and that it needs a token unless it is public. */
function withProblems(document: ApiDocument): ApiDocument {
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema as never },
  };
  for (const item of Object.values(document.paths)) {
    for (const operation of operationsOf(item)) addProblems(operation);
  }
  return document;
}

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'] as const;
const operationsOf = (item: ApiDocument['paths'][string]): Operation[] =>
  methods.flatMap((method) => item[method] ?? []);

function addProblems(operation: Operation): void {
  for (const [status, description] of Object.entries(problems)) {
    if (!operation.requestBody && (status === '413' || status === '415')) continue;
    operation.responses[status] ??= {
      description,
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
      },
    };
  }
}
